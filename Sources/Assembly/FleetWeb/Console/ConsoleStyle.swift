internal import NetworkClient

/// The console's one stylesheet.
enum ConsoleStyle {
  /// Where it is served: the address changes with the text, so that browsers may keep it.
  static let path = "/console/style-\(Digest.sha256(Array(text.utf8)).shortName).css"

  static let text = """
    :root { color-scheme: light dark; --ink: #17211c; --soft: #5b6a62; --line: #dfe6e2;
      --ground: #f3f6f4; --card: #fff; --brand: #07804a; --on-brand: #fff; --red: #b3261e;
      --red-ground: #fbe9e7; --amber: #7a5200; --amber-ground: #fdf1d7; --blue: #0b57b0;
      --blue-ground: #e4eefb; --green: #07693e; --green-ground: #e0f4ea; --grey-ground: #e9eeeb }
    @media (prefers-color-scheme: dark) { :root { --ink: #e6ece8; --soft: #9fb0a7;
      --line: #2c3832; --ground: #101613; --card: #18211d; --brand: #2aa76b; --on-brand: #04130b;
      --red: #ff9a91; --red-ground: #43201d; --amber: #f2c66d; --amber-ground: #3a2d10;
      --blue: #9cc4fb; --blue-ground: #17304f; --green: #7fdcab; --green-ground: #12382a;
      --grey-ground: #26302b } }
    * { box-sizing: border-box }
    html { -webkit-text-size-adjust: 100% }
    body { margin: 0; color: var(--ink); background: var(--ground); line-height: 1.5;
      font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei",
      "Noto Sans CJK SC", "Noto Sans SC", sans-serif; overflow-wrap: anywhere }
    a { color: var(--blue); text-underline-offset: .15em }
    :focus-visible { outline: 3px solid var(--blue); outline-offset: 2px }
    .skip { position: absolute; left: -99rem } .skip:focus { left: .5rem; top: .5rem }
    header { background: var(--card); border-bottom: 1px solid var(--line) }
    .bar { max-width: 78rem; margin: 0 auto; padding: .6rem 1rem 0; display: flex; gap: .3rem 1rem;
      align-items: center; flex-wrap: wrap }
    .bar:last-child { padding-bottom: .6rem }
    .brand { font-weight: 650; color: var(--ink); text-decoration: none; display: flex;
      align-items: center; gap: .55rem; margin-right: auto }
    .brand::before { content: ""; width: .8rem; height: 1.1rem; border-radius: .2rem;
      background: linear-gradient(var(--brand) 62%, transparent 62% 74%, var(--brand) 74%) }
    .me { display: flex; gap: .3rem .9rem; align-items: center; flex-wrap: wrap;
      font-size: .9rem } .me form { margin: 0 }
    nav { max-width: 78rem; margin: 0 auto; padding: 0 .5rem; display: flex; overflow-x: auto;
      scrollbar-width: none }
    nav a { padding: .6rem .7rem .5rem; text-decoration: none; color: var(--soft);
      white-space: nowrap; border-bottom: 3px solid transparent }
    nav a:hover { color: var(--ink) }
    nav a[aria-current] { color: var(--ink); border-color: var(--brand); font-weight: 600 }
    main { max-width: 78rem; margin: 0 auto; padding: 1rem; display: grid; gap: 1rem;
      grid-template-columns: minmax(0, 1fr) }
    h1 { font-size: 1.4rem; line-height: 1.25; margin: .3rem 0 0 }
    h2 { font-size: 1.05rem; margin: 0 0 .6rem; display: flex; gap: .6rem; align-items: center;
      flex-wrap: wrap }
    p { margin: 0 0 .6rem } p:last-child { margin-bottom: 0 }
    footer { max-width: 78rem; margin: 0 auto; padding: .5rem 1rem 2rem; color: var(--soft);
      font-size: .85rem }
    .card { background: var(--card); border: 1px solid var(--line); border-radius: .7rem;
      padding: 1rem; min-width: 0; overflow-x: auto }
    .pair { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr) } @media
      (min-width: 60rem) { .pair { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
      align-items: start } }
    .tiles { display: grid; gap: .8rem; grid-template-columns: repeat(auto-fit,
      minmax(8.5rem, 1fr)) }
    .tile { background: var(--card); border: 1px solid var(--line); border-radius: .7rem;
      padding: .8rem 1rem } .tile b { display: block; font-size: 1.45rem; line-height: 1.25;
      font-variant-numeric: tabular-nums } .tile span { color: var(--soft); font-size: .9rem }
    .tile small { color: var(--soft) }
    table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
    th { text-align: left; font-weight: 500; color: var(--soft); font-size: .85rem;
      padding: 0 .8rem .4rem 0; white-space: nowrap }
    td { padding: .5rem .8rem .5rem 0; border-top: 1px solid var(--line); vertical-align: top }
    td { overflow-wrap: break-word } .stack td > span { min-width: 0 }
    td:last-child, th:last-child { padding-right: 0 }
    .number { text-align: right; white-space: nowrap }
    .code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Noto Sans Mono", monospace;
      font-size: .92em }
    .soft { color: var(--soft) } .still { white-space: nowrap }
    .clip { display: block; max-height: 12rem; overflow: auto }
    .badge { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; font-size: .85rem;
      background: var(--grey-ground); white-space: nowrap }
    .badge + .badge { margin-left: .3rem } h2 .badge + .badge { margin-left: -.25rem }
    table.narrow { max-width: 22rem } table + *, dl + .buttons { margin-top: .8rem }
    .fault + .fault { margin-top: .7rem } .fault p { margin: .15rem 0 0 }
    .red { color: var(--red); background: var(--red-ground) }
    .amber { color: var(--amber); background: var(--amber-ground) }
    .blue { color: var(--blue); background: var(--blue-ground) }
    .green { color: var(--green); background: var(--green-ground) }
    .notice { border-radius: .7rem; padding: .7rem 1rem } .notice p { margin: 0 }
    dl { display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr);
      gap: .35rem 1rem; margin: 0 } dt { color: var(--soft) } dd { margin: 0 }
    pre { margin: 0; white-space: pre-wrap; font-size: .9em }
    form.row, .buttons { display: flex; gap: .6rem .8rem; flex-wrap: wrap; align-items: end }
    form.tall { display: grid; gap: .8rem; max-width: 26rem } form.tall.wide { max-width: none }
    label { display: grid; gap: .15rem; font-size: .9rem; color: var(--soft); min-width: 0 }
    label.check { display: flex; align-items: center; gap: .5rem; min-height: 2.6rem }
    input, select, textarea, button, .button { font: inherit; color: var(--ink);
      border: 1px solid var(--line); border-radius: .5rem; background: var(--card);
      padding: .45rem .7rem; min-height: 2.6rem; max-width: 100% }
    input, select, textarea { background: var(--ground); width: 100% }
    .row input { width: 12rem } .row select { width: auto }
    .check input { width: 1.2rem; min-height: 1.2rem; height: 1.2rem; accent-color: var(--brand) }
    textarea { min-height: 14rem; font-family: ui-monospace, Menlo, Consolas, monospace }
    button, .button { cursor: pointer; font-weight: 550; text-decoration: none;
      display: inline-block; text-align: center }
    button.main, .button.main { background: var(--brand); border-color: var(--brand);
      color: var(--on-brand) }
    button.grave, .button.grave { background: var(--red-ground); border-color: var(--red);
      color: var(--red) }
    button.plain { border: 0; background: none; padding: 0; min-height: 0; color: var(--blue);
      text-decoration: underline; text-underline-offset: .15em; font-weight: 400 }
    .door h1 { margin: 0 0 .8rem } .door { max-width: 24rem; margin: 8vh auto 0; width: 100% }
    details summary { cursor: pointer; min-height: 2rem } details[open] summary { margin-bottom:
      .6rem } td details form { margin-top: .5rem }
    @media (max-width: 44rem) {
      .card { padding: .8rem }
      table.stack, .stack tbody, .stack tr, .stack td { display: block }
      .stack thead { display: none }
      .stack tr { border-top: 1px solid var(--line); padding: .5rem 0 }
      .stack tr:first-child { border-top: 0 }
      .stack td { border: 0; padding: .1rem 0; text-align: left; white-space: normal;
        display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: .6rem }
      .stack td::before { content: attr(data-label); color: var(--soft); font-size: .85rem }
        .stack td:empty { display: none }
      .row label { flex: 1 1 9rem } .row input, .row select { width: 100% }
      .row button { flex: 1 1 100% } .row label.check { flex: 1 1 9rem }
      .row .check input { width: 1.2rem }
      dl { grid-template-columns: minmax(0, 1fr); gap: 0 } dd { margin-bottom: .5rem }
      .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)) }
      .buttons .button, .buttons form, .buttons button { flex: 1 1 100%; width: 100% }
    }
    """
}

extension [UInt8] {
  /// The first eight bytes as letters, for a name.
  fileprivate var shortName: String { Digest.hexadecimal(Array(prefix(8))).lowercased() }
}
