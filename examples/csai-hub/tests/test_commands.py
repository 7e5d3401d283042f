"""The commands: to folders and back, from a server, and through the hub's own client to a stand-in."""

import base64
import importlib.util
import json
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from click.testing import CliRunner
from csai_core.commands import main
from csai_core.testing import CommandSuite
from csai_train import train


def csai(*words):
    """What `csai` says, and whether it succeeds."""
    result = CliRunner().invoke(main, [*map(str, words)])
    return result.output, result.exit_code == 0


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    path = tmp_path_factory.mktemp("trained") / "lake"
    train("q_learning", "FrozenLake-v1", total_steps=50, seed=1, run_dir=path)
    assert csai("export", path, "--out", path.with_suffix(".zip"))[1]
    return path


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty folder of the reader's."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def serve():
    """Answers GET and HEAD with what is kept by path: headers and bytes; and POST, as the hub does."""
    servers = []

    def serve(kept):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                headers, data = kept.get(self.path, (None, b""))
                self.send_response(404 if headers is None else 200)
                for header, value in ({"Content-Length": len(data)} | (headers or {})).items():
                    self.send_header(header, str(value))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(data)

            do_HEAD = do_GET  # noqa: N815

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = json.dumps(as_the_hub(kept, self.path, body)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        server.handle_error = lambda *_: None  # of clients that read no further
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def as_the_hub(kept, path, body):
    """What the hub answers to a client that makes a repository and commits small files to it."""
    if path.endswith("/preupload/main"):
        files = json.loads(body)["files"]
        return {"files": [{"path": e["path"], "uploadMode": "regular", "shouldIgnore": False} for e in files]}
    if path.endswith("/commit/main"):
        for line in map(json.loads, body.splitlines()):
            if line["key"] == "file":
                headers = {"ETag": '"1"', "X-Repo-Commit": "c" * 40}
                data = base64.b64decode(line["value"]["content"])
                for revision in ("main", "c" * 40):
                    kept[f"/ada/lake/resolve/{revision}/{line['value']['path']}"] = headers, data
        return {"commitUrl": "http://127.0.0.1/ada/lake/commit/1", "commitOid": "c" * 40}
    return {"url": "http://127.0.0.1/ada/lake"}


def test_to_a_folder_and_back(trained, tmp_path, here):
    shared = tmp_path / "shared"
    output, is_fine = csai("push", trained, shared)
    assert is_fine, output
    assert f"csai pull {shared / 'lake.zip'}" in output
    output, is_fine = csai("pull", shared / "lake.zip")
    assert (output, is_fine) == ("Pulled lake.zip. Watch it: csai watch lake.zip\n", True)
    assert (here / "lake.zip").read_bytes() == trained.with_suffix(".zip").read_bytes()
    output, is_fine = csai("evaluate", "lake.zip", "--episodes", 1)
    assert is_fine, output


def test_a_file_of_export_goes_as_it_is_under_any_name(trained, tmp_path):
    file = trained.with_suffix(".zip")
    assert csai("push", file, tmp_path / "shared" / "ada.zip")[1]
    assert (tmp_path / "shared" / "ada.zip").read_bytes() == file.read_bytes()


class TestPull(CommandSuite):
    """Everything a command should pass."""

    entry_name = "pull"


def test_nothing_is_replaced(trained, tmp_path, here):
    shared = tmp_path / "shared"
    assert csai("push", trained, shared)[1]
    output, is_fine = csai("push", trained, shared)
    assert ("lake.zip is there already; push to FOLDER/OTHER.zip" in " ".join(output.split()), is_fine) == (
        True,
        False,
    )
    (here / "lake.zip").write_text("mine")
    output, is_fine = csai("pull", shared / "lake.zip")
    assert ("say another name by --into FILE" in output, is_fine) == (True, False)
    assert (here / "lake.zip").read_text() == "mine"
    assert csai("pull", shared / "lake.zip", "--into", "theirs.zip")[1]


def test_from_a_server(trained, serve, here):
    data = trained.with_suffix(".zip").read_bytes()
    address = serve({"/runs/lake.zip": ({}, data), "/file?id=3": ({}, data)})
    assert csai("pull", f"{address}/runs/lake.zip")[1]
    assert csai("pull", f"{address}/file?id=3", "--into", "third.zip")[1]
    assert (here / "lake.zip").read_bytes() == (here / "third.zip").read_bytes() == data


def test_nothing_is_kept_of_what_is_no_whole_run(trained, serve, here, tmp_path):
    data = trained.with_suffix(".zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as code:
        code.writestr("setup.py", "raise SystemExit")
    address = serve(
        {
            "/broken.zip": ({}, data[:200] + bytes(50) + data[250:]),
            "/code.zip": ({}, (tmp_path / "code.zip").read_bytes()),
            "/early.zip": ({"Content-Length": len(data)}, data[:-100]),
            "/large.zip": ({}, bytes(2**20 + 1)),
            "/page.zip": ({}, b"<html>" * 20),
            "/silent.zip": ({"Content-Length": ""}, bytes(2**20 + 1)),
        }
    )
    for name, words in {
        "broken": "cannot be read",
        "code": "it holds 'setup.py', which no run has",
        "early": f"the connection ended after {len(data) - 100:,} of {len(data):,} bytes",
        "large": "it has more than 1 MiB; --largest MIB allows more",
        "page": "it is no zip",
        "silent": "it has more than 1 MiB",
        "missing": "the server answers: 404 Not Found",
    }.items():
        output, is_fine = csai("pull", f"{address}/{name}.zip", "--largest", 1)
        assert words in " ".join(output.split()), name
        assert not is_fine
        assert "Nothing was kept" in " ".join(output.split())
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("place", ["", "ftp://a/b.zip", "hf:lake", "hf:a/b/c"])
def test_what_is_no_place_is_told(trained, place):
    for words in (("push", trained, place), ("pull", place)):
        output, is_fine = csai(*words)
        assert ("is no place; there are FOLDER" in " ".join(output.split()), is_fine) == (True, False)


def test_an_address_takes_nothing_and_a_folder_gives_no_file(trained, tmp_path):
    assert "An address is only pulled from" in csai("push", trained, "http://127.0.0.1/lake.zip")[0]
    assert "names no file that ends in .zip" in csai("pull", tmp_path)[0]
    assert csai("pull", "no/lake.zip") == (
        "Error: no/lake.zip cannot be read: No such file or directory.\n",
        False,
    )


def test_without_the_client_it_is_told_what_to_install(trained, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    output, is_fine = csai("push", trained, "hf:ada/lake")
    assert ("pip install 'csai-hub[hf]'" in output, is_fine) == (True, False)


def test_the_client_of_the_hub_brings_it_there_and_back(trained, serve, here, tmp_path, monkeypatch):
    if importlib.util.find_spec("huggingface_hub") is None:
        pytest.skip("the client of the hub is not installed")
    assert "huggingface_hub" not in sys.modules  # as it reads these once
    for name, value in {"ENDPOINT": serve({}), "HOME": str(tmp_path / "home"), "TOKEN": "hf_none"}.items():
        monkeypatch.setenv(f"HF_{name}", value)
    output, is_fine = csai("push", trained, "hf:ada/lake")
    assert is_fine, output
    output, is_fine = csai("pull", "hf:ada/lake", "--largest", 1)
    assert is_fine, output
    assert [path.name for path in here.iterdir()] == ["lake.zip"]
    assert (here / "lake.zip").read_bytes() == trained.with_suffix(".zip").read_bytes()
