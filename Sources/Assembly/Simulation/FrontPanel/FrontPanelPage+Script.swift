extension FrontPanelPage {
  static let script = #"""
    const $ = id => document.getElementById(id);
    const escaped = text => String(text ?? "").replace(/[&<>"]/g,
      c => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
    let view = null, logged = 0, isScanning = false, taken = {}, shownPaints = -1, busy = false;

    async function post(path, body = {}) {
      try {
        const answer = await fetch("/api/" + path, { method: "POST",
          headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
        if (answer.ok) show(await answer.json());
      } catch { /* The event source tells that the simulator has gone. */ }
    }

    function build(v) {
      $("keypad").innerHTML = v.keys.flat().map(key => {
        const kind = key === v.cancelKey ? "cancel" : key === v.confirmKey ? "confirm"
          : /[A-D]/.test(key) ? "letter" : "";
        const word = kind === "cancel" ? "<small>取消</small>"
          : kind === "confirm" ? "<small>确认</small>" : "";
        return `<button class="${kind}" data-key="${escaped(key)}">${escaped(key)}${word}</button>`;
      }).join("");
      $("keypad").onclick = event => {
        const key = event.target.closest("button")?.dataset.key;
        if (key) post("key", { key });
      };
      const rows = [];
      for (let i = 0; i < v.lanes.length; i += 4) rows.push(v.lanes.slice(i, i + 4));
      $("shelves").innerHTML = rows.map(row => `<div class="shelf">${row.map(lane =>
        `<div class="lane" id="lane-${lane.code}"><div class="name">${escaped(lane.name)}</div>
         <div class="stack"></div>${coil}<div class="tag" title="refill">
         <span>${escaped(lane.code)}</span><b>¥${lane.price}</b><small></small></div></div>`
        ).join("")}</div>`).join("");
      for (const lane of v.lanes) {
        taken[lane.code] = lane.fallen;
        $("lane-" + lane.code).querySelector(".tag").onclick =
          () => post("refill", { lane: lane.code });
      }
      $("tray").onclick = () => { $("fallen").innerHTML = ""; $("tray").classList.remove("full"); };
      $("slot").onclick = () => post("trouble/door", { on: !view.isDoorOpen });
      $("troubles").onclick = event => {
        const button = event.target.closest("button");
        if (button) trouble(button.dataset.name);
      };
    }

    const troubles = [
      ["power", "Pull the power", "kill -9, display dark", v => v.power === "off"],
      ["kill", "Crash the daemon", "kill -9, systemd restarts it", () => false],
      ["network", "Cut the network", "connections refused", v => v.network === "refused"],
      ["blackhole", "Black hole", "connections hang", v => v.network === "blackholed"],
      ["jam", "Jam the lanes", "nothing falls", v => v.lanes.every(l => l.isJammed)],
      ["sensor", "Blind the sensor", "falls unseen", v => v.isSensorDead],
      ["display", "Unplug the display", "no picture", v => !v.display.isPlugged],
      ["balance", "Empty balance", "refunds: NOTENOUGH", v => v.isBalanceEmpty],
      ["door", "Open the door", "service", v => v.isDoorOpen],
      ["cancel", "Press cancel", "a change of mind", () => false],
    ];
    function trouble(name) {
      if (name === "cancel") return post("key", { key: view.cancelKey });
      const entry = troubles.find(each => each[0] === name);
      post("trouble/" + name, { on: !entry[3](view) });
    }

    function show(v) {
      if (!view) build(v);
      const before = view;
      view = v;
      const machine = $("machine");
      machine.className = v.power + (v.isDoorOpen ? " open" : "");
      $("status").textContent = v.status;
      for (const button of $("keypad").children)
        button.classList.toggle("down", v.keysDown.includes(button.dataset.key));
      v.lanes.forEach(lane => showLane(lane, before?.lanes.find(l => l.code === lane.code)));
      $("screen").classList.toggle("dark", !v.display.isPlugged);
      $("screen").style.aspectRatio = `${v.display.width} / ${v.display.height}`;
      refreshPicture();
      $("troubles").innerHTML = troubles.map(([name, title, words, isOn]) =>
        `<button data-name="${name}" class="${isOn(v) ? "on" : ""}"><b>${title}</b>
         <span>${words}</span></button>`).join("");
      $("orders").innerHTML = v.orders.map(order =>
        `<tr><td class="no">…${order.number.slice(-8)}</td><td>${escaped(order.title)}</td>
         <td class="sum">¥${order.amount}</td><td class="state ${order.state}">${order.state}
         ${order.refund ? "· " + order.refund.toLowerCase() : ""}</td></tr>`).join("")
        || "<tr><td class=no>no orders yet</td></tr>";
      showPhone(v.phone, before?.phone);
      if (v.logged > logged) fetchLog();
    }

    function showLane(lane, before) {
      const element = $("lane-" + lane.code);
      element.classList.toggle("relay", lane.isRelayOn);
      element.classList.toggle("jam", lane.isJammed);
      element.classList.toggle("empty", lane.pieces === 0);
      element.querySelector("small").textContent = lane.isJammed ? "jam" : "×" + lane.pieces;
      const depth = Math.min(lane.pieces, 4);
      const stack = element.querySelector(".stack");
      if (stack.childElementCount !== depth) {
        stack.innerHTML = Array.from({ length: depth }, (_, i) => drawing(lane.code,
          `class="item" style="transform: translateY(${-(depth - 1 - i) * 7}px)
           scale(${1 - (depth - 1 - i) * .05}); opacity: ${1 - (depth - 1 - i) * .1}"`)).join("");
      }
      for (; taken[lane.code] < lane.fallen; taken[lane.code]++) fall(lane.code, element);
    }

    function fall(code, from) {
      const room = $("machine").getBoundingClientRect();
      const start = from.getBoundingClientRect(), end = $("tray").getBoundingClientRect();
      const item = document.createElement("div");
      item.className = "falling";
      item.innerHTML = drawing(code);
      item.style.left = start.left - room.left + start.width / 2 - 42 + "px";
      item.style.top = start.top - room.top + 34 + "px";
      $("machine").append(item);
      const drop = end.top - start.top - 30, side = end.left + end.width / 2 - start.left
        - start.width / 2;
      item.animate([
        { transform: "none", offset: 0 },
        { transform: `translate(0, -6px)`, offset: .12 },
        { transform: `translate(${side * .15}px, ${drop}px) rotate(70deg)`, offset: .8,
          easing: "cubic-bezier(.5, 0, 1, .7)" },
        { transform: `translate(${side * .2}px, ${drop - 26}px) rotate(84deg)`, offset: .9 },
        { transform: `translate(${side * .2}px, ${drop + 8}px) rotate(88deg)`, offset: 1 },
      ], { duration: 800 }).onfinish = () => {
        item.remove();
        $("fallen").insertAdjacentHTML("beforeend", drawing(code));
        while ($("fallen").childElementCount > 4) $("fallen").firstElementChild.remove();
        $("tray").classList.add("full");
      };
    }

    async function refreshPicture() {
      if (busy || view.display.paints === shownPaints) return;
      busy = true;
      shownPaints = view.display.paints;
      try {
        const answer = await fetch("/api/display.png");
        if (answer.status === 200) {
          const old = $("picture").src;
          $("picture").src = URL.createObjectURL(await answer.blob());
          if (old.startsWith("blob:")) URL.revokeObjectURL(old);
        } else {
          $("picture").removeAttribute("src");
        }
      } catch { shownPaints = -1; }
      busy = false;
      if (view.display.paints !== shownPaints) setTimeout(refreshPicture, 60);
    }

    function camera(words, isBad) {
      return `<div class="camera"><div class="finder ${isScanning ? "busy" : ""}"
        style="background-image: url('${isScanning ? $("picture").src : ""}')"></div>
        <p class="${isBad ? "bad" : ""}">${words}</p>
        <button class="act" data-act="scan">扫一扫 · Scan</button></div>`;
    }
    function showPhone(phone, before, force) {
      if (!force && before && JSON.stringify(phone) === JSON.stringify(before)) return;
      const cashier = `<div class="who">${escaped(phone.merchant)}</div>
        <div class="sum">¥${phone.amount}</div><div class="what">${escaped(phone.title)}</div>
        <div class="no">${escaped(phone.order)}</div>`;
      $("phoneScreen").innerHTML = {
        away: () => camera("Point the camera at the machine's display.", false),
        refused: () => camera(escaped(phone.words), true),
        cashier: () => `<div class="bar">微信支付</div><div class="sheet">${cashier}
          <button class="act" data-act="pay">立即支付 · Pay</button>
          <button class="act plain" data-act="fail">零钱不足 · Pay without money</button>
          <button class="act plain" data-act="away">取消 · Leave</button></div>`,
        paid: () => `<div class="bar">微信支付</div><div class="sheet"><div class="tick">✓</div>
          <div>支付成功</div>${cashier}
          <button class="act" data-act="away">完成 · Done</button></div>`,
      }[phone.screen]();
    }
    $("phoneScreen").onclick = async event => {
      const act = event.target.closest("button")?.dataset.act;
      if (act === "scan") {
        isScanning = true;
        showPhone(view.phone, null, true);
        await new Promise(done => setTimeout(done, 500));
        await post("phone/scan");
        isScanning = false;
        showPhone(view.phone, null, true);
      } else if (act === "fail") post("phone/pay", { trouble: "balance" });
      else if (act) post("phone/" + act);
    };

    let isFetching = false, lastWords = "", repeats = 1;
    async function fetchLog() {
      if (isFetching) return;
      isFetching = true;
      try {
        const lines = await (await fetch("/api/log?after=" + logged)).json();
        const list = $("log");
        const isAtEnd = list.scrollTop + list.clientHeight > list.scrollHeight - 30;
        for (const line of lines) {
          logged = line.index;
          // Order numbers are long, and people know them by their last four characters.
          const words = line.words.replace(/\b[0-9A-Z]{16,32}\b/g, no => "…" + no.slice(-4))
            .replace(/^20\d\d-\S+Z /, "");
          if (words === lastWords) {
            repeats += 1;
            list.lastElementChild.querySelector("em").textContent = ` ×${repeats}`;
            continue;
          }
          [lastWords, repeats] = [words, 1];
          const item = document.createElement("li");
          item.innerHTML = `<time>${(line.milliseconds / 1000).toFixed(3)}</time>
            <span class="${line.source}">${line.source}</span><span><q></q><em></em></span>`;
          item.querySelector("q").textContent = words;
          list.append(item);
        }
        while (list.childElementCount > 500) list.firstElementChild.remove();
        if (isAtEnd) list.scrollTop = list.scrollHeight;
      } catch { /* Told by the event source. */ }
      isFetching = false;
      if (view.logged > logged) setTimeout(fetchLog, 100);
    }

    document.addEventListener("keydown", event => {
      if (!view || event.repeat || event.ctrlKey || event.metaKey) return;
      const key = { Enter: view.confirmKey, Escape: view.cancelKey }[event.key]
        ?? event.key.toUpperCase();
      if (view.keys.flat().includes(key)) post("key", { key });
    });
    const source = new EventSource("/api/events");
    source.onmessage = event => {
      document.body.classList.remove("lost");
      show(JSON.parse(event.data));
    };
    source.onerror = () => document.body.classList.add("lost");
    """#
}
