extension FrontPanelPage {
  static let markup = #"""
    <main>
    <section id="machine" aria-label="vending machine">
      <header><b>好再来</b><span>VEND</span><i id="lamp" title="power"></i></header>
      <div id="front">
        <div id="glass"><div id="shelves"></div><div id="shine"></div></div>
        <div id="side">
          <div id="bezel"><div id="screen"><img id="picture" alt="the display"></div></div>
          <div id="hint">扫码支付 · scan to pay</div>
          <div id="keypad"></div>
          <div id="slot"><span></span><small>door</small></div>
        </div>
      </div>
      <div id="tray"><div id="flap"><em>PUSH</em></div><div id="fallen"></div></div>
      <div id="guide"><div><b>1</b>选货道，按 # · lane, then #</div>
        <div><b>2</b>微信扫码 · scan and pay</div><div><b>3</b>推门取货 · push and take</div></div>
      <footer></footer>
    </section>

    <section id="customer" aria-label="the customer's phone">
      <div id="phone">
        <div class="notch"></div>
        <div id="phoneScreen"></div>
      </div>
      <p class="tip">The phone decodes the pixels of the display with
        <code>zbarimg</code>; it is told nothing.</p>
    </section>

    <section id="backstage">
      <div class="card">
        <h2>Trouble</h2>
        <div id="troubles"></div>
      </div>
      <div class="card">
        <h2>At the platform</h2>
        <table id="orders"></table>
      </div>
      <div class="card grow">
        <h2>What happens <small id="status"></small></h2>
        <ol id="log"></ol>
      </div>
    </section>
    </main>
    <div id="lost">The simulator has ended.</div>
    """#
}
