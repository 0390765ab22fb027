internal import Core
internal import MachineFiles
internal import Money
internal import Ordering
internal import Platform
internal import Storage
internal import Vending

// A payment core that is a service: what it tells beside its answers.
extension Daemon {
  func openCore(at service: MachineConfiguration.CoreService, sale: OrderRequest?) {
    let core = RemoteCore(
      RemoteCore.Service(
        address: service.address, caFile: service.caFile, machine: configuration.name),
      tokens: TokenFiles(path: service.tokenFile), sale: sale)
    self.core = RemoteDesk(
      loop: loop, core: core,
      RemoteDesk.Surroundings(
        condition: { [weak self] in self?.condition ?? RemoteCore.Condition() },
        isSelling: { [weak self] in self?.machine.sale != nil },
        report: { [weak self] in self?.serviceSaid($0) },
        probed: { [weak self] in self?.handle(.probed($0)) }))
    note(core.standing)
    if let words = unfinishedBook() { raise(Fault(.merchantRefused, "", words)) }
  }

  private var condition: RemoteCore.Condition {
    var condition = RemoteCore.Condition()
    // Before the history was read nobody knows.
    condition.boots = faultLog.isOpen ? faultLog.runs.starts : 0
    condition.state = machine.stopper == nil ? machine.stateName : "out-of-service"
    condition.faults = machine.faults.standing.map(\.fault.code.rawValue)
    condition.pricesVersion = machine.priceList?.version
    (condition.settingsVersion, condition.settingsTrouble) = (settings.version, settings.trouble)
    return condition
  }

  private func serviceSaid(_ news: RemoteCore.News) {
    for remark in news.remarks { log.notice("payment service", ["what": remark]) }
    note(news.standing)
    if let news = news.settings { take(news) }
    guard let prices = news.prices else { return }
    handle(
      .pricesListed(
        PriceList(
          version: prices.version, lanes: prices.list?.lanes.mapValues { Amount(fen: $0) })))
  }

  private func take(_ news: RemoteCore.Settings) {
    let isOther = settings.take(news)
    log.notice(
      "settings of the payment service",
      ["version": "\(news.version)", "trouble": settings.trouble])
    if isOther { beginAnew() }
  }

  /// Ends as soon as nobody is being served; the service manager starts a machine that goes by the
  /// new settings.
  private func beginAnew() {
    guard machine.state == .idle else {
      loop.arm(after: .seconds(2)) { [weak self] in self?.beginAnew() }
      return
    }
    log.notice("begins anew", ["for": "new settings"])
    notifier.stopping(status: "begins anew with other settings")
    handle(.stopAsked)
  }

  private func note(_ standing: RemoteCore.Standing) {
    switch standing {
    case .enrolled:
      clear(.notEnrolled, "")
      clear(.tokenRefused, "")
    case .refused(let words):
      clear(.notEnrolled, "")
      raise(Fault(.tokenRefused, "", words))
    case .waiting(let code, let words):
      clear(.tokenRefused, "")
      let detail = words.isEmpty ? code : "\(code) (the service: \(words))"
      let known = machine.faults.standing.first { $0.fault.code == .notEnrolled }?.fault.detail
      guard known != detail else { return }
      if !detail.isEmpty { log.notice("waits to be taken in", ["code": detail]) }
      raise(Fault(.notEnrolled, "", detail))
    }
  }

  /// Why the service must wait: an account that was ours has orders that nobody else sees to.
  private func unfinishedBook() -> String? {
    let path = "\(configuration.stateDirectory)/core.db"
    guard Files.exists(path) else { return nil }
    do throws(StorageError) {
      let book = try RecordStore(path: path, role: .core, mode: .readOnly)
      let count = try book.unfinishedOrders().count
      return count == 0
        ? nil
        : "\(count) orders of the account before are unfinished: set it again until "
          + "'vendctl orders --open' is empty"
    } catch {
      return "the account's order book before: \(error)"
    }
  }
}
