extension FrontPanelPage {
  static let roomStyle = #"""
    * { box-sizing: border-box; margin: 0; }
    :root { --ink: #e8ecf1; --dim: #8d99a8; --card: #1b222c; --line: #2b3541; --red: #e5484d;
      --green: #07c160; --amber: #f5a524; --blue: #4aa8ff; }
    html { height: 100%; }
    body { min-height: 100%; color: var(--ink); font: 14px/1.45 system-ui, "Noto Sans",
      "WenQuanYi Micro Hei", sans-serif;
      background: radial-gradient(1200px 700px at 28% 12%, #34404f, #161b22 62%, #0e1116); }
    main { display: grid; grid-template-columns: 700px 260px minmax(320px, 1fr); gap: 26px;
      max-width: 1480px; margin: 0 auto; padding: 24px; align-items: start; }
    button { font: inherit; color: inherit; cursor: pointer; }
    h2 { font-size: 12px; font-weight: 600; letter-spacing: .09em; text-transform: uppercase;
      color: var(--dim); margin-bottom: 10px; }
    h2 small { text-transform: none; letter-spacing: 0; font-weight: 400; float: right;
      max-width: 70%; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
    #backstage { display: flex; flex-direction: column; gap: 14px; height: 872px; }
    .card { background: var(--card); border: 1px solid var(--line); border-radius: 12px;
      padding: 14px 16px; box-shadow: 0 8px 24px #0005; }
    .grow { flex: 1; min-height: 0; display: flex; flex-direction: column; }
    #troubles { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; }
    #troubles button { text-align: left; padding: 7px 10px; border-radius: 8px;
      background: #232c38; border: 1px solid #344050; transition: .15s; }
    #troubles button:hover { background: #2c3746; }
    #troubles button.on { background: #4a2226; border-color: var(--red); color: #ffc9cb; }
    #troubles button b { display: block; font-weight: 600; }
    #troubles button span { color: var(--dim); font-size: 12px; }
    #troubles button.on span { color: #e7a0a3; }
    table { width: 100%; border-collapse: collapse; font-size: 13px; }
    td { padding: 3px 0; border-top: 1px solid var(--line); white-space: nowrap; }
    tr:first-child td { border: 0; }
    td.no { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: 12px;
      color: var(--dim); }
    td.sum { text-align: right; padding-right: 12px; }
    td.state { text-align: right; font-weight: 600; }
    .SUCCESS { color: var(--green); } .NOTPAY { color: var(--amber); }
    .REFUND { color: var(--blue); } .CLOSED { color: var(--dim); }
    #log { list-style: none; padding: 0; overflow-y: auto; flex: 1; font-size: 12px;
      font-family: ui-monospace, "DejaVu Sans Mono", "WenQuanYi Micro Hei Mono", monospace; }
    #log li { display: grid; grid-template-columns: 62px 68px 1fr; gap: 6px; padding: 1px 0;
      overflow-wrap: anywhere; }
    #log time { color: #66717f; text-align: right; }
    #log q { quotes: none; }
    #log em { color: #66717f; font-style: normal; }
    #log .board { color: #7ee0b0; } #log .platform { color: #6cbcff; }
    #log .daemon { color: #b9c1cc; } #log .phone { color: #7fe07f; }
    #log .person { color: #ffb86b; } #log .service { color: #d9a6ff; }
    #lost { display: none; position: fixed; inset: auto 0 24px; margin: auto; width: 280px;
      text-align: center; background: var(--red); padding: 10px; border-radius: 10px; }
    .lost #lost { display: block; }
    .tip { color: var(--dim); font-size: 12px; text-align: center; margin-top: 14px; }
    @media (max-width: 1330px) { main { grid-template-columns: 700px 260px; }
      #backstage { grid-column: 1 / -1; height: 700px; } }
    @media (max-width: 1010px) { main { grid-template-columns: 700px; } }
    """#

  static let machineStyle = #"""
    #machine { width: 700px; border-radius: 18px 18px 6px 6px; padding: 0 18px 14px;
      position: relative; background: linear-gradient(90deg, #7e1620, #b3202d 5%, #c52735 50%,
      #ae1f2b 95%, #6f131b); box-shadow: 0 30px 60px #000a, inset 0 2px 0 #ff8d8d66,
      inset 0 0 0 1px #0006; }
    #machine header { height: 62px; display: flex; align-items: center; gap: 14px; }
    #machine header b { font-size: 28px; letter-spacing: .12em; text-shadow: 0 2px 6px #0006; }
    #machine header span { font-size: 15px; letter-spacing: .5em; opacity: .75; flex: 1; }
    #lamp { width: 12px; height: 12px; border-radius: 50%; background: #4b1115;
      box-shadow: inset 0 1px 3px #000a; }
    .on #lamp { background: #58f58b; box-shadow: 0 0 12px #58f58b; }
    .starting #lamp { background: var(--amber); box-shadow: 0 0 12px var(--amber); }
    #front { display: grid; grid-template-columns: 1fr 214px; gap: 14px; }
    #glass { position: relative; height: 614px; border-radius: 8px; overflow: hidden;
      background: linear-gradient(#28313b, #1a2027); border: 6px solid #1b1014;
      box-shadow: inset 0 0 60px #000c; }
    .on #glass { background: linear-gradient(#f6fbff, #c9d7e4 55%, #9fb2c4); }
    #shine { position: absolute; inset: 0; pointer-events: none; background:
      linear-gradient(115deg, #fff0 30%, #ffffff26 38%, #fff0 46%, #fff0 60%, #ffffff14 66%,
      #fff0 72%); }
    #shelves { display: grid; grid-template-rows: repeat(3, 1fr); height: 100%; }
    .shelf { display: grid; grid-template-columns: repeat(4, 1fr); position: relative;
      padding: 0 6px; align-items: end; padding-bottom: 34px; }
    .shelf::after { content: ""; position: absolute; inset: auto 0 0; height: 34px;
      background: linear-gradient(#aab6c2, #6d7a88 12%, #56616d); box-shadow: 0 6px 12px #0006; }
    .lane { position: relative; height: 158px; }
    .lane .stack { position: absolute; inset: 0 0 2px; }
    .lane svg.item { position: absolute; bottom: 0; left: 50%; width: 84px; height: 124px;
      margin-left: -42px; filter: drop-shadow(0 4px 4px #0006); transition: transform .3s; }
    .lane svg.coil { position: absolute; bottom: -3px; left: 50%; margin-left: -44px; width: 88px;
      height: 26px; z-index: 2; overflow: hidden; }
    svg.coil path { fill: none; stroke-linecap: round; }
    svg.coil .back { stroke: #2e363f66; stroke-width: 9; }
    svg.coil .front { stroke: #76828f; stroke-width: 3; }
    .lane.relay svg.coil .front { stroke: #fff; animation: turn .35s linear infinite; }
    @keyframes turn { to { transform: translateX(24px); } }
    .lane .tag { position: absolute; z-index: 3; bottom: -30px; left: 4px; right: 4px; height: 26px;
      border-radius: 4px; background: #10151b; color: #fff; display: flex; align-items: center;
      justify-content: space-between; padding: 0 6px; font-size: 12px; cursor: pointer;
      box-shadow: inset 0 0 0 1px #0008; }
    .lane .tag b { color: #ffd479; } .lane .tag small { color: #9fb0c3; font-size: 11px; }
    .lane.relay .tag { box-shadow: 0 0 0 2px var(--green); }
    .lane.jam .tag { box-shadow: 0 0 0 2px var(--red); }
    .lane .name { position: absolute; top: 2px; left: 0; right: 0; text-align: center;
      font-size: 11px; color: #54616f; white-space: nowrap; overflow: hidden;
      text-overflow: ellipsis; }
    .lane.empty::after { content: "售空"; position: absolute; inset: 60px 0 auto;
      text-align: center; color: #7d8894; font-weight: 700; }
    .off .lane .stack, .starting .lane .stack { filter: brightness(.38) saturate(.8); }
    #side { display: flex; flex-direction: column; gap: 12px; }
    #bezel { background: #0c0d10; border-radius: 10px; padding: 9px; box-shadow: inset 0 0 0 1px
      #444, inset 0 2px 10px #000, 0 1px 0 #ff9c9c55; }
    #screen { background: #050607; border-radius: 3px; overflow: hidden; position: relative;
      display: grid; place-items: center; min-height: 110px; }
    #picture { width: 100%; display: block; image-rendering: auto; }
    #screen.dark #picture { visibility: hidden; }
    #hint { text-align: center; font-size: 12px; letter-spacing: .06em; opacity: .85; }
    #keypad { display: grid; grid-template-columns: repeat(4, 1fr); gap: 7px; padding: 10px;
      background: #17181c; border-radius: 10px; box-shadow: inset 0 2px 10px #000; }
    #keypad button { height: 42px; border: 0; border-radius: 7px; font-size: 18px;
      font-weight: 600; color: #20242a; background: linear-gradient(#f2f4f6, #b9c0c8);
      box-shadow: 0 3px 0 #6d757e, 0 4px 6px #000a; }
    #keypad button:active, #keypad button.down { transform: translateY(2px);
      box-shadow: 0 1px 0 #6d757e; }
    #keypad button.letter { background: linear-gradient(#ffe2a8, #dda64a); }
    #keypad button.cancel { background: linear-gradient(#ff9a9a, #d23c43); color: #fff; }
    #keypad button.confirm { background: linear-gradient(#8ff0b4, #14a85c); color: #fff; }
    #keypad small { display: block; font-size: 9px; font-weight: 600; line-height: 1; }
    #slot { margin-top: auto; height: 40px; border-radius: 8px; background: #8d1923;
      display: flex; align-items: center; justify-content: center; gap: 8px; color: #ffd5d5;
      box-shadow: inset 0 1px 4px #0007; font-size: 12px; }
    #slot span { width: 18px; height: 18px; border-radius: 50%; background: radial-gradient(circle
      at 35% 30%, #eee, #777); }
    .open #slot { background: var(--amber); color: #301a00; }
    #tray { position: relative; height: 118px; margin: 14px 228px 0 0; border-radius: 8px;
      background: #14090b; box-shadow: inset 0 6px 18px #000; overflow: hidden; }
    #flap { position: absolute; inset: 8px 10px; border-radius: 6px; background:
      linear-gradient(#2c3138e6, #15181de6); border: 1px solid #454d57; display: grid;
      place-items: center; transform-origin: top; transition: transform .35s; }
    #flap em { color: #99a4b1; letter-spacing: .4em; font-style: normal; font-weight: 600; }
    #tray.full { cursor: pointer; }
    #tray.full #flap { transform: perspective(420px) rotateX(58deg); }
    #tray.full { box-shadow: inset 0 6px 18px #000, 0 0 0 2px #ffd479; }
    #fallen { position: absolute; inset: 0; display: flex; justify-content: center; gap: 6px;
      align-items: end; padding-bottom: 6px; }
    #fallen svg { width: 64px; height: 94px; transform: rotate(82deg); margin: 0 14px -12px; }
    #guide { position: absolute; right: 18px; bottom: 42px; width: 214px; height: 118px;
      border-radius: 8px; padding: 13px 16px; background: #f7f3ea; color: #2b1a14;
      box-shadow: inset 0 0 0 1px #0003; font-size: 12.5px; }
    #guide b { display: inline-block; width: 18px; height: 18px; margin-right: 8px; color: #fff;
      border-radius: 50%; background: #b3202d; text-align: center; line-height: 18px;
      font-size: 11px; }
    #guide div { margin-bottom: 9px; white-space: nowrap; }
    #machine footer { height: 14px; margin-top: 14px; border-radius: 3px; background:
      repeating-linear-gradient(90deg, #56101a 0 8px, #3d0b12 8px 12px); }
    .falling { position: absolute; z-index: 9; pointer-events: none; width: 84px; height: 124px; }
    """#

  static let phoneStyle = #"""
    #customer { position: sticky; top: 24px; padding-top: 120px; }
    #phone { width: 250px; height: 512px; margin: 0 auto; border-radius: 36px; padding: 10px;
      background: #0b0c0e; box-shadow: 0 0 0 2px #3b4148, 0 24px 50px #000b; position: relative; }
    .notch { position: absolute; z-index: 3; top: 18px; left: 50%; width: 76px; height: 18px;
      margin-left: -38px; border-radius: 10px; background: #000; }
    #phoneScreen { height: 100%; border-radius: 27px; overflow: hidden; background: #ededed;
      color: #111; display: flex; flex-direction: column; position: relative; }
    .bar { background: #ededed; text-align: center; padding: 44px 0 10px; font-weight: 600; }
    .camera { background: #101418; color: #fff; flex: 1; display: flex; flex-direction: column;
      align-items: center; padding-top: 62px; }
    .finder { width: 176px; height: 176px; position: relative; background: #1c232b center / cover
      no-repeat; border-radius: 4px; overflow: hidden; }
    .finder::before { content: ""; position: absolute; inset: 0; border: 3px solid #0000;
      background: linear-gradient(var(--green), var(--green)) 0 0 / 26px 3px,
      linear-gradient(var(--green), var(--green)) 0 0 / 3px 26px,
      linear-gradient(var(--green), var(--green)) 100% 0 / 26px 3px,
      linear-gradient(var(--green), var(--green)) 100% 0 / 3px 26px,
      linear-gradient(var(--green), var(--green)) 0 100% / 26px 3px,
      linear-gradient(var(--green), var(--green)) 0 100% / 3px 26px,
      linear-gradient(var(--green), var(--green)) 100% 100% / 26px 3px,
      linear-gradient(var(--green), var(--green)) 100% 100% / 3px 26px;
      background-repeat: no-repeat; background-origin: border-box; }
    .finder.busy::after { content: ""; position: absolute; left: 6px; right: 6px; height: 2px;
      background: var(--green); box-shadow: 0 0 12px var(--green);
      animation: sweep 1s ease-in-out infinite alternate; }
    @keyframes sweep { from { top: 8%; } to { top: 92%; } }
    .camera p { font-size: 12px; color: #aab4bf; margin-top: 14px; padding: 0 16px;
      text-align: center; min-height: 36px; }
    .camera p.bad { color: #ff9a9a; }
    .act { border: 0; background: var(--green); color: #fff; border-radius: 8px; padding: 11px 0;
      width: 180px; font-weight: 600; font-size: 15px; }
    .act:hover { filter: brightness(1.06); }
    .act.plain { background: none; color: #576b95; font-size: 13px; padding: 8px 0; }
    .sheet { flex: 1; display: flex; flex-direction: column; align-items: center;
      padding: 28px 18px 22px; text-align: center; background: #fff; }
    .sheet .who { color: #555; font-size: 13px; }
    .sheet .sum { font-size: 38px; font-weight: 700; margin: 8px 0 2px; }
    .sheet .what { color: #888; font-size: 13px; }
    .sheet .no { color: #bbb; font-size: 10px; word-break: break-all; margin-top: 6px; }
    .sheet .act:first-of-type { margin-top: auto; }
    .tick { width: 64px; height: 64px; border-radius: 50%; background: var(--green); color: #fff;
      font-size: 36px; line-height: 64px; margin: 18px 0 12px; }
    """#
}
