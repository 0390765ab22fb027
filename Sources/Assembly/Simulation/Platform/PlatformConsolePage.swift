internal import PaymentPlatform

/// The platform's page: one document, with its style and script inside, that loads nothing.
enum PlatformConsolePage {
  /// The document.
  static let text = """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>vend · payment platform</title>
    <link rel="icon" href="data:,">
    <style>\(style)</style>
    </head>
    <body>
    <header><h1>Payment platform</h1><span id="merchant"></span></header>
    <main>
    <section><h2>Orders</h2><table id="orders"></table></section>
    <section><h2>Notices on their way</h2><table id="notices"></table></section>
    <section><h2>Bad luck</h2>
    <p>\(choice("calls", "fault", PlatformFault.Kind.allCases.map(\.rawValue)))
    <button data-act="fault">to the next call</button></p>
    <p>\(choice("notices", "notice-fault", PlatformNoticeFault.Kind.allCases.map(\.rawValue)))
    <button data-act="notice-fault">to the next notice</button></p>
    <p>\(choice("network", "network", LoopbackGate.Passage.allCases.map(\.rawValue)))
    <button data-act="network">set</button>
    <button data-act="clear">forget all faults</button> <span id="faults"></span></p>
    </section>
    <section><h2>Keys</h2>
    <p>\(choice("signs by", "keys", ["publicKey", "changing", "certificates"]))
    <button data-act="keys">set</button> <button data-act="rotate">new certificate</button></p>
    <p id="serials"></p></section>
    <section><h2>Switches</h2><table id="switches"></table></section>
    <section><h2>Corner cases</h2><table>\(cases)</table></section>
    <section><h2>What happened</h2><pre id="events"></pre></section>
    </main>
    <script>
    "use strict";
    \(script)
    </script>
    </body>
    </html>
    """

  private static func choice(_ label: String, _ id: String, _ names: [String]) -> String {
    let options = names.map { "<option>\($0)</option>" }.joined()
    return "<label>\(label) <select id=\"\(id)\">\(options)</select></label>"
  }

  private static let cases = PlatformCase.all.map { found in
    let means = found.means.map(\.words).joined(separator: ", ")
    return "<tr><td>\(found.source)<td>\(found.words)<td class=code>\(means)</tr>"
  }.joined(separator: "\n")

  private static let style = """
    body { font: 15px/1.5 system-ui, sans-serif; margin: 0; color: #1d2521; background: #f4f6f5 }
    header { background: #07934f; color: #fff; padding: .6rem 1.2rem; display: flex; gap: 1rem;
      align-items: baseline; flex-wrap: wrap }
    h1 { font-size: 1.2rem; margin: 0 } h2 { font-size: 1rem; margin: 0 0 .4rem }
    main { padding: 1rem; display: grid; gap: 1rem }
    section { background: #fff; border-radius: 8px; padding: .8rem 1rem; overflow-x: auto }
    table { border-collapse: collapse; width: 100% }
    td { padding: .2rem .6rem .2rem 0; border-top: 1px solid #e3e8e5; vertical-align: top }
    td.code { font-family: ui-monospace, monospace; font-size: 13px }
    button, select, input { font: inherit; min-height: 2rem }
    input { width: 9rem } small { color: #56635c }
    pre { font-size: 13px; margin: 0; white-space: pre-wrap }
    :focus-visible { outline: 3px solid #0b63ce }
    """

  private static let script = """
    const by = (id) => document.getElementById(id);
    const make = (name, text, kind) => {
      const e = document.createElement(name);
      e.textContent = text ?? "";
      if (kind) e.className = kind;
      return e;
    };
    async function post(act, wish) {
      const answer = await fetch("/api/" + act, { method: "POST", body: JSON.stringify(wish) });
      if (!answer.ok) alert((await answer.text()) || answer.status);
    }
    function button(text, act, wish) {
      const b = make("button", text);
      b.onclick = () => post(act, wish());
      return b;
    }
    const rows = (id, list, row) => by(id).replaceChildren(...list.map((item) => {
      const tr = make("tr");
      for (const cell of row(item)) {
        const td = cell instanceof Node ? make("td") : make("td", cell, "code");
        if (cell instanceof Node) td.append(cell);
        tr.append(td);
      }
      return tr;
    }));
    const yuan = (fen) => (fen / 100).toFixed(2);
    function acts(order) {
      const span = make("span");
      const wish = (more) => () => ({ order: order.number, ...more });
      if (order.state === "NOTPAY") {
        span.append(
          button("pay", "pay", wish({})), button("fail", "pay", wish({ trouble: "balance" })),
          button("close", "close", wish({})));
      }
      if (order.transaction) span.append(button("notify again", "notify", wish({})));
      return span;
    }
    let switches = "";
    function show(view) {
      by("merchant").textContent = view.merchants.map((m) =>
        `${m.name} ${m.id} · ${yuan(m.balanceFen)} CNY · ${m.keyMode ?? "v2"}`).join(" / ");
      by("serials").textContent = view.merchants.map((m) =>
        [m.publicKeyID, ...m.certificates].filter(Boolean).join(", ")).join(" / ");
      rows("orders", view.orders.toReversed(), (o) => [
        o.number, o.api, o.title, yuan(o.totalFen), o.state, o.code ?? o.transaction ?? "",
        o.refunds.map((r) => `${yuan(r.fen)} ${r.status}`).join(", "), acts(o)]);
      rows("notices", view.notices, (n) => [n.order, n.api, n.url, `${n.sends} sent`,
        `due in ${Math.round(n.dueInMilliseconds / 1000)} s`]);
      by("faults").textContent = [...view.faults, ...view.noticeFaults].map((f) =>
        `${f.kind} ×${f.times}`).join(", ");
      by("events").textContent = view.events.toReversed().map((e) =>
        `${e.at} ${e.kind} ${e.order} ${e.words}`).join("\\n");
      const now = JSON.stringify(view.switches);
      if (now === switches) return;
      switches = now;
      rows("switches", view.switches, (s) => {
        const input = make("input");
        input.value = s.value;
        input.setAttribute("aria-label", s.name);
        input.onchange = () => post("switch", { name: s.name, value: input.value });
        return [s.name, input, make("small", `${s.meaning} (${s.values}; ${s.source})`)];
      });
    }
    for (const b of document.querySelectorAll("button[data-act]")) {
      b.onclick = () => {
        const act = b.dataset.act, value = by(act)?.value;
        post(act, { fault: { kind: value }, "notice-fault": { kind: value },
          network: { passage: value }, keys: { mode: value } }[act] ?? {});
      };
    }
    new EventSource("/api/events").onmessage = (event) => show(JSON.parse(event.data));
    """
}
