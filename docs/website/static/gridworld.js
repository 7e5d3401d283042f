// A gridworld that learns by Q-learning: one script on a canvas, of which nothing leaves the page.
// For the page "Q-learning in your browser"; what it computes is csai's q_learning.
"use strict";

(() => {
  const COLUMNS = 8, ROWS = 6, CELL = 80;
  const MOVES = [[-1, 0], [1, 0], [0, -1], [0, 1]]; // left, right, up, down
  const KINDS = [0, -1, "wall", 1];
  const START = 40, FLAG = 7;
  const canvas = document.getElementById("gridworld-canvas");
  if (!canvas) return;
  const pen = canvas.getContext("2d");
  const part = (name) => document.getElementById(`gridworld-${name}`);

  const cells = Array(COLUMNS * ROWS).fill(0);
  let values, robot, frame = START, timer = null, numSteps = 0, numEpisodes = 0;
  cells[19] = cells[20] = cells[27] = "wall";

  const setting = (name) => Number(part(name).value);
  const best = (cell) => Math.max(...values[cell]);

  // Where an action leads: walls and the edge leave the robot where it is.
  function follow(cell, action) {
    const x = (cell % COLUMNS) + MOVES[action][0], y = Math.floor(cell / COLUMNS) + MOVES[action][1];
    const next = y * COLUMNS + x;
    const isFree = x >= 0 && x < COLUMNS && y >= 0 && y < ROWS && cells[next] !== "wall";
    return isFree ? next : cell;
  }

  const reward = (cell) => (cell === FLAG ? 1 : cells[cell]);

  // One entry moves toward what was just seen.
  function learn(cell, action, alpha) {
    const next = follow(cell, action);
    const target = reward(next) + (next === FLAG ? 0 : setting("gamma") * best(next));
    values[cell][action] += alpha * (target - values[cell][action]);
    return next;
  }

  function choose(cell) {
    if (Math.random() < setting("epsilon")) return Math.floor(Math.random() * 4);
    const ties = [0, 1, 2, 3].filter((action) => values[cell][action] === best(cell));
    return ties[Math.floor(Math.random() * ties.length)];
  }

  function step() {
    robot = learn(robot, choose(robot), setting("alpha"));
    numSteps += 1;
    if (robot === FLAG) {
      numEpisodes += 1;
      robot = START;
      return true;
    }
    return false;
  }

  function episode() {
    for (let count = 0; count < 2000 && !step(); count += 1);
  }

  // Every entry once, by the rules of the world: value iteration.
  function sweep() {
    const before = values.map((row) => [...row]);
    const after = before.map((row, cell) => row.map((_, action) => {
      if (cells[cell] === "wall" || cell === FLAG) return 0;
      const next = follow(cell, action);
      return reward(next) + (next === FLAG ? 0 : setting("gamma") * Math.max(...before[next]));
    }));
    values = after;
  }

  function forget() {
    values = cells.map(() => [0, 0, 0, 0]);
    robot = START;
    numSteps = numEpisodes = 0;
  }

  function change(cell) {
    frame = cell;
    if (cell === FLAG || cell === START) return;
    cells[cell] = KINDS[(KINDS.indexOf(cells[cell]) + 1) % KINDS.length];
    if (cells[cell] === "wall") values[cell] = [0, 0, 0, 0];
    if (robot === cell) robot = START;
    draw();
  }

  // Blue for good and orange for bad, which color-blind viewers can tell apart; darker is more.
  function color(value) {
    const strength = Math.min(1, Math.abs(value));
    const [r, g, b] = value >= 0 ? [33, 102, 172] : [217, 95, 14];
    const mix = (full) => Math.round(255 + (full - 255) * strength);
    return [`rgb(${mix(r)}, ${mix(g)}, ${mix(b)})`, strength > 0.55 && value >= 0 ? "#ffffff" : "#111111"];
  }

  function drawCell(cell) {
    const x = (cell % COLUMNS) * CELL, y = Math.floor(cell / COLUMNS) * CELL, middle = CELL / 2;
    const corners = [[x, y], [x + CELL, y], [x + CELL, y + CELL], [x, y + CELL]];
    const sides = [[0, 3], [1, 2], [0, 1], [3, 2]]; // of left, right, up and down
    const places = [[x + 16, y + middle], [x + CELL - 16, y + middle], [x + middle, y + 13], [x + middle, y + CELL - 13]];
    if (cells[cell] === "wall") {
      pen.fillStyle = "#444444";
      pen.fillRect(x, y, CELL, CELL);
      return;
    }
    for (let action = 0; action < 4; action += 1) {
      const [fill, ink] = color(values[cell][action]);
      pen.beginPath();
      for (const corner of sides[action]) pen.lineTo(...corners[corner]);
      pen.lineTo(x + middle, y + middle);
      pen.closePath();
      pen.fillStyle = fill;
      pen.fill();
      pen.strokeStyle = "#dddddd";
      pen.lineWidth = 1;
      pen.stroke();
      if (cell !== FLAG && values[cell][action]) {
        pen.fillStyle = ink;
        pen.fillText(values[cell][action].toFixed(2), ...places[action]);
      }
    }
  }

  function label(cell, text, ink) {
    pen.font = "bold 22px sans-serif";
    pen.fillStyle = ink;
    pen.fillText(text, (cell % COLUMNS + 0.5) * CELL, (Math.floor(cell / COLUMNS) + 0.5) * CELL);
    pen.font = "12px sans-serif";
  }

  function draw() {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.font = "12px sans-serif";
    cells.forEach((_, cell) => drawCell(cell));
    cells.forEach((kind, cell) => {
      if (kind === 1 || kind === -1) label(cell, kind === 1 ? "+1" : "-1", kind === 1 ? "#0b5d1e" : "#8a1c00");
    });
    label(FLAG, "⚑ +1", "#0b5d1e");
    pen.beginPath();
    pen.arc((robot % COLUMNS + 0.5) * CELL, (Math.floor(robot / COLUMNS) + 0.5) * CELL, 12, 0, 2 * Math.PI);
    pen.fillStyle = "#111111";
    pen.fill();
    pen.strokeStyle = "#ffffff";
    pen.lineWidth = 2;
    pen.stroke();
    pen.strokeStyle = "#111111";
    pen.lineWidth = 4;
    pen.strokeRect((frame % COLUMNS) * CELL + 2, Math.floor(frame / COLUMNS) * CELL + 2, CELL - 4, CELL - 4);
    tell();
  }

  function tell() {
    const kind = cells[frame] === "wall" ? "a wall" : `pays ${reward(frame)}`;
    const where = `column ${frame % COLUMNS + 1}, row ${Math.floor(frame / COLUMNS) + 1}: ${kind}`;
    part("told").textContent = timer
      ? "Running."
      : `${numSteps} steps, ${numEpisodes} episodes. In the frame, ${where}; the best that is expected of it is ${best(frame).toFixed(2)}.`;
  }

  function run() {
    if (timer) {
      clearInterval(timer);
      timer = null;
    } else {
      timer = setInterval(() => {
        for (let count = 0; count < 20; count += 1) step();
        draw();
      }, 100);
    }
    part("run").textContent = timer ? "Stop" : "Run";
    part("run").setAttribute("aria-pressed", String(Boolean(timer)));
    draw();
  }

  const keys = { ArrowLeft: 0, ArrowRight: 1, ArrowUp: 2, ArrowDown: 3 };
  canvas.addEventListener("keydown", (event) => {
    if (event.key in keys) {
      const [dx, dy] = MOVES[keys[event.key]];
      const x = Math.min(COLUMNS - 1, Math.max(0, frame % COLUMNS + dx));
      const y = Math.min(ROWS - 1, Math.max(0, Math.floor(frame / COLUMNS) + dy));
      frame = y * COLUMNS + x;
      draw();
    } else if (event.key === " " || event.key === "Enter") {
      change(frame);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation(); // the site turns its pages by the same arrows
  });
  canvas.addEventListener("click", (event) => {
    const box = canvas.getBoundingClientRect();
    const x = Math.floor((event.clientX - box.left) / box.width * COLUMNS);
    const y = Math.floor((event.clientY - box.top) / box.height * ROWS);
    change(y * COLUMNS + x);
  });
  for (const [name, action] of Object.entries({ step, episode, sweep, forget })) {
    part(name).addEventListener("click", () => { action(); draw(); });
  }
  part("run").addEventListener("click", run);
  for (const name of ["alpha", "gamma", "epsilon"]) {
    part(name).addEventListener("input", () => { part(`${name}-out`).textContent = part(name).value; });
  }
  forget();
  draw();
})();
