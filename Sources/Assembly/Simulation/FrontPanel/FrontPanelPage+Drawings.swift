extension FrontPanelPage {
  /// What products look like: each is drawn from a few shapes in a box of 84 by 124.
  static let drawings = #"""
    const looks = {
      A1: ["can", "#d4202a", "#fff"], A2: ["bottle", "#6fb7e6", "#eaf6ff"],
      A3: ["bottle", "#5f9e3a", "#f3ffe2"], A4: ["bottle", "#f28c1b", "#fff4e0"],
      B1: ["cup", "#7a4b2b", "#f4e3d0"], B2: ["cup", "#5b8fd6", "#ffffff"],
      B3: ["bag", "#f0b41c", "#c8231c"], B4: ["box", "#2f7fb8", "#ffe9b8"],
      C1: ["bar", "#5a2d17", "#e8c45a"], C2: ["bag", "#8a5a2b", "#f2dfb5"],
      C3: ["bag", "#8e2f5c", "#f7d7e6"], C4: ["bar", "#1c9c8b", "#eafff9"],
    };
    const shapes = {
      can: (c, l) => `<rect x="18" y="26" width="48" height="92" rx="8" fill="${c}"/>
        <rect x="18" y="26" width="48" height="92" rx="8" fill="url(#round)"/>
        <ellipse cx="42" cy="27" rx="21" ry="5" fill="#d7dde3"/>
        <ellipse cx="42" cy="27" rx="9" ry="2" fill="#8d98a3"/>
        <path d="M18 86 C34 70 50 96 66 78 V98 C50 112 34 88 18 104Z" fill="${l}"/>
        <rect x="20" y="114" width="44" height="5" rx="3" fill="#aeb7c0"/>`,
      bottle: (c, l) => `<rect x="35" y="4" width="14" height="9" rx="2" fill="${c}"/>
        <path d="M36 14h12v12c0 8 14 10 14 24v62c0 5-3 8-8 8H30c-5 0-8-3-8-8V50c0-14 14-16 14-24z"
          fill="${c}" opacity=".82"/>
        <rect x="22" y="62" width="40" height="30" fill="${l}"/>
        <rect x="27" y="70" width="30" height="4" rx="2" fill="${c}"/>
        <rect x="31" y="79" width="22" height="3" rx="1" fill="${c}" opacity=".6"/>
        <path d="M28 48v66" stroke="#fff" stroke-width="4" opacity=".35"/>`,
      cup: (c, l) => `<path d="M20 40h44l-6 78c0 2-2 3-4 3H30c-2 0-4-1-4-3z" fill="${c}"/>
        <path d="M22 62h40l-2 32H24z" fill="${l}"/>
        <rect x="16" y="32" width="52" height="9" rx="4" fill="#f3f5f7"/>
        <circle cx="42" cy="78" r="9" fill="${c}" opacity=".85"/>
        <path d="M28 44l5 74" stroke="#fff" stroke-width="4" opacity=".25"/>`,
      bag: (c, l) => `<path d="M14 24l4-6 4 6 4-6 4 6 4-6 4 6 4-6 4 6 4-6 4 6 4-6 4 6 4-6 4 6
          c-4 22-4 62 0 92l-4 4H18l-4-4c4-30 4-70 0-92z" fill="${c}"/>
        <ellipse cx="42" cy="66" rx="22" ry="17" fill="${l}"/>
        <ellipse cx="42" cy="66" rx="13" ry="8" fill="${c}" opacity=".8"/>
        <path d="M22 30c-2 24-2 56 0 82" stroke="#fff" stroke-width="5" opacity=".25"
          fill="none"/>`,
      box: (c, l) => `<path d="M16 34h46v86H16z" fill="${c}"/><path d="M62 34l8-6v86l-8 6z"
          fill="${c}" style="filter:brightness(.7)"/><path d="M16 34l8-6h46l-8 6z" fill="${c}"
          style="filter:brightness(1.25)"/>
        <circle cx="39" cy="70" r="16" fill="${l}"/><circle cx="34" cy="66" r="2" fill="${c}"/>
        <circle cx="43" cy="64" r="2" fill="${c}"/><circle cx="39" cy="74" r="2" fill="${c}"/>
        <rect x="22" y="98" width="34" height="6" rx="3" fill="${l}" opacity=".8"/>`,
      bar: (c, l) => `<rect x="24" y="30" width="36" height="90" rx="4" fill="${c}"/>
        <path d="M24 30l3-6 3 6 3-6 3 6 3-6 3 6 3-6 3 6 3-6 3 6 3-6 3 6z" fill="${l}"/>
        <rect x="30" y="44" width="24" height="62" rx="3" fill="${l}" opacity=".9"/>
        <path d="M42 52v46" stroke="${c}" stroke-width="9" stroke-dasharray="8 4"/>`,
    };
    const shade = `<defs><linearGradient id="round"><stop offset="0" stop-color="#000"
      stop-opacity=".35"/><stop offset=".28" stop-color="#fff" stop-opacity=".28"/><stop
      offset=".6" stop-color="#000" stop-opacity="0"/><stop offset="1" stop-color="#000"
      stop-opacity=".4"/></linearGradient></defs>`;
    const drawing = (code, attributes = "") => {
      const [shape, colour, light] = looks[code] ?? ["box", "#7d8b99", "#e9eef3"];
      return `<svg ${attributes} viewBox="0 0 84 124" aria-hidden="true">${shade}` +
        `${shapes[shape](colour, light)}</svg>`;
    };
    const coil = `<svg class="coil" viewBox="0 0 88 26" aria-hidden="true">
      <path class="back" d="M2 13h84"/><path class="front" d="M-18 13c3-13 9-13 12 0s9 13 12 0 9-13
      12 0 9 13 12 0 9-13 12 0 9 13 12 0 9-13 12 0 9 13 12 0 9-13 12 0"/></svg>`;
    """#
}
