internal import Core
internal import MachineFiles
internal import Ordering
internal import Platform
internal import WeChatPay
internal import Accounts

extension Site {
  /// Asks the provider for an order that nobody made.
  ///
  /// A signed "no such order" proves name, network, TLS, merchant, key and signature in one
  /// exchange that costs nothing.
  @Sendable static func probe(_ machine: MachineConfiguration) -> ProbeSight {
    let provider: any WeChatProvider
    do throws(AccountRefusal) {
      guard let payment = machine.payment else { return ask(machine) }
      provider = try payment.makeProvider()
    } catch {
      return .noAccount("\(error)")
    }
    guard let number = OrderNumber("PROBE\(RandomBits.text(count: 16))") else {
      return .noAccount("no number to ask for")
    }
    switch provider.query(number) {
    case .notFound, .pending, .paid, .refunded, .closed:
      return .signed(skew: provider.clockSkew)
    case .refused(let refusal): return .refused(refusal)
    case .unknown(let doubt): return .doubt(doubt)
    }
  }

  /// Asks the payment service for a document, which costs nothing and wants the token.
  private static func ask(_ machine: MachineConfiguration) -> ProbeSight {
    guard let service = machine.coreService else { return .noAccount("no core is configured") }
    let core = RemoteCore(
      RemoteCore.Service(
        address: service.address, caFile: service.caFile, machine: machine.name),
      tokens: TokenFiles(path: service.tokenFile))
    return core.prove().map { .doubt($0) } ?? .signed(skew: core.clockSkew)
  }
}
