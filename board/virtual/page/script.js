"use strict";
const $ = id => document.getElementById(id);
const escaped = text => String(text ?? "").replace(/[&<>"]/g,
  c => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
let view = null, shownPaints = -1;

async function post(path, body) {
  const answer = await fetch("/api/" + path, { method: "POST",
    headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return answer.json();
}

function build(v) {
  $("keypad").innerHTML = [..."123456789*0#"].map(key =>
    `<button data-key="${key}" class="${{ "*": "cancel", "#": "confirm" }[key] ?? ""}">
     ${key}</button>`).join("");
  // A key is down as long as the button is held: the contact is the person's own.
  for (const button of $("keypad").children) {
    const hold = isDown => {
      if (button.classList.contains("down") === isDown) return;
      button.classList.toggle("down", isDown);
      post("key", { key: button.dataset.key, isDown });
    };
    button.onpointerdown = event => { button.setPointerCapture(event.pointerId); hold(true); };
    button.onpointerup = button.onpointercancel = () => hold(false);
  }
  $("lanes").innerHTML = v.lanes.map(lane =>
    `<div class="lane" id="lane-${lane.line}"><b>${escaped(lane.code)}</b>
     <span>¥${escaped(lane.price)}</span><small>${escaped(lane.name)}</small></div>`).join("");
  $("slot").onclick = () => post("mode", { name: "open", isOn: !view.modes.open });
  document.onclick = event => {
    const button = event.target.closest("button");
    if (button?.dataset.line) carryOut(button.dataset.line, button);
    if (button?.dataset.mode)
      post("mode", { name: button.dataset.mode, isOn: !view.modes[button.dataset.mode] });
    if (button?.dataset.act) post(button.dataset.act, {});
  };
  $("console").onsubmit = event => {
    event.preventDefault();
    const input = event.target.querySelector("input");
    carryOut(input.value);
    input.value = "";
  };
}

async function carryOut(line, button) {
  const answer = await post("line", { line });
  if (button?.closest("#phone")) {
    $("paid").className = answer.isGood ? "" : "bad";
    $("paid").textContent = answer.isGood ? "✓ 支付成功 · paid" : answer.text;
    setTimeout(() => { $("paid").textContent = ""; }, 4000);
    return;
  }
  $("log").textContent += `board# ${line}\n${answer.text}`;
  $("log").scrollTop = $("log").scrollHeight;
}

function show(v) {
  if (!view) build(v);
  view = v;
  $("machine").className = (v.isOn ? "on " : "") + (v.modes.open ? "open" : "");
  for (const lane of v.lanes)
    $("lane-" + lane.line).classList.toggle("relay", v.lines[lane.line] === 1);
  $("lines").innerHTML = Object.entries(v.lines).map(([name, value]) =>
    `<span class="${value ? "high" : ""}">${name}</span>`).join("");
  $("pulses").innerHTML = v.pulses.map(pulse => `<li>${escaped(pulse)}</li>`).join("");
  $("orders").innerHTML = v.orders.map(order =>
    `<tr><td class="no">…${escaped(order.number.slice(-8))}</td><td>${escaped(order.title)}</td>
     <td class="sum">¥${(order.totalFen / 100).toFixed(2)}</td>
     <td class="state ${escaped(order.state)}">${escaped(order.state)}</td></tr>`).join("")
    || "<tr><td class=no>no orders yet</td></tr>";
  for (const button of document.querySelectorAll("[data-mode]"))
    button.classList.toggle("on", v.modes[button.dataset.mode]);
  if (v.paints !== shownPaints) {
    shownPaints = v.paints;
    $("picture").src = "/glass.png?" + v.paints;
  }
}

async function follow() {
  try {
    show(await (await fetch("/api/state")).json());
    document.body.classList.remove("lost");
    setTimeout(follow, 250);
  } catch {
    document.body.classList.add("lost");
    setTimeout(follow, 2000);
  }
}
follow();
