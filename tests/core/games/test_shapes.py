"""What stands between two pictures: pieces on their way, and everything else as it is now."""

from csai_core.games.shapes import Shape, between

BLUE, RED = (0, 0, 255), (255, 0, 0)


def test_a_piece_is_on_its_way_in_all_its_shapes():
    before = [Shape("disc", BLUE, (0.0, 0.0, 1.0), "ball"), Shape("disc", BLUE, (4.0, 0.0, 0.5), "ball")]
    now = [Shape("disc", RED, (2.0, 0.0, 1.0), "ball"), Shape("disc", BLUE, (6.0, 8.0, 0.5), "ball")]
    assert between(before, now, 0.25) == [
        Shape("disc", RED, (0.5, 0.0, 1.0), "ball"),
        Shape("disc", BLUE, (4.5, 2.0, 0.5), "ball"),
    ]
    assert between(before, now, 1.0) == now


def test_what_has_no_piece_has_no_way():
    before, now = [Shape("disc", BLUE, (0.0, 0.0, 1.0), "")], [Shape("disc", BLUE, (2.0, 0.0, 1.0), "")]
    assert between(before, now, 0.5) == now


def test_a_piece_that_is_new_or_looks_different_is_where_it_is_now():
    before = [Shape("disc", BLUE, (0.0, 0.0, 1.0), "a"), Shape("disc", BLUE, (0.0, 0.0, 1.0), "b")]
    now = [
        Shape("ring", BLUE, (2.0, 0.0, 1.0, 0.1), "a"),
        Shape("disc", BLUE, (2.0, 0.0, 1.0), "c"),
        Shape("disc", BLUE, (2.0, 0.0, 1.0), "b"),
        Shape("disc", BLUE, (3.0, 0.0, 1.0), "b"),
    ]
    assert between(before, now, 0.5) == now
