internal import Money
public import PaymentPlatform
internal import Timing

/// The platform as its page shows it, and as programs read it.
public struct PlatformView: Codable, Hashable, Sendable {
  /// An order.
  public struct Order: Codable, Hashable, Sendable {
    public var number: String
    public var merchant: String
    public var api: PlatformAPI
    public var title: String
    public var totalFen: Int64
    public var state: PlatformOrder.State
    /// The code that can be scanned; nil when none can.
    public var code: String?
    public var payer: String?
    public var transaction: String?
    public var refunds: [Refund]
  }

  /// A refund of an order.
  public struct Refund: Codable, Hashable, Sendable {
    public var number: String
    public var fen: Int64
    public var status: PlatformRefund.Status
  }

  /// A merchant, without its secrets.
  public struct Merchant: Codable, Hashable, Sendable {
    public var id: String
    public var appID: String
    public var name: String
    public var balanceFen: Int64
    public var isWithdrawn: Bool
    /// `certificates`, `changing` or `publicKey`; nil for a merchant of v2 alone.
    public var keyMode: String?
    public var publicKeyID: String?
    /// The serials of the platform's certificates, oldest first.
    public var certificates: [String]
  }

  /// A notice that is not taken yet.
  public struct Notice: Codable, Hashable, Sendable {
    public var order: String
    public var api: PlatformAPI
    public var url: String
    public var sends: Int
    public var dueInMilliseconds: Int64
  }

  /// A choice of the policy.
  public struct Choice: Codable, Hashable, Sendable {
    public var name: String
    public var meaning: String
    public var source: String
    public var values: String
    public var value: String
  }

  /// Something that happened.
  public struct Event: Codable, Hashable, Sendable {
    public var index: Int
    public var at: String
    public var kind: PlatformEvent.Kind
    public var order: String
    public var words: String
  }

  public var merchants: [Merchant]
  /// The newest, oldest of them first: as many as were asked for, `ordersShown` by default.
  public var orders: [Order]
  public var notices: [Notice]
  public var faults: [PlatformFault]
  public var noticeFaults: [PlatformNoticeFault]
  public var switches: [Choice]
  /// The last hundred.
  public var events: [Event]
  public var network: LoopbackGate.Passage

  /// What a page can show of them.
  static let ordersShown = 200

  /// Looks at a platform.
  init(
    _ model: PlatformModel, network: LoopbackGate.Passage, orders count: Int, at now: WallTime
  ) {
    merchants = model.merchants.values.sorted { $0.id < $1.id }.map { Merchant($0, model) }
    orders = model.orders.suffix(max(0, count)).map(Order.init)
    notices = model.notices.map { notice in
      Notice(
        order: notice.order, api: notice.api, url: notice.url, sends: notice.sends,
        dueInMilliseconds: (notice.dueAt - now).wholeMilliseconds)
    }
    (faults, noticeFaults) = (model.pendingFaults, model.pendingNoticeFaults)
    switches = PlatformSwitch.all.map { choice in
      Choice(
        name: choice.name, meaning: choice.meaning, source: choice.source, values: choice.values,
        value: choice.value(in: model.policy))
    }
    events = model.events.suffix(100).map { event in
      Event(
        index: event.index, at: event.at.beijingRFC3339, kind: event.kind, order: event.order,
        words: event.words)
    }
    self.network = network
  }
}

extension PlatformView.Order {
  init(_ order: PlatformOrder) {
    self.init(
      number: order.number, merchant: order.merchant, api: order.api, title: order.title,
      totalFen: order.total.fen, state: order.state,
      code: order.state == .notPaid ? order.codes.last { $0.isLive }?.url : nil,
      payer: order.payment?.payer ?? order.cashierOf, transaction: order.payment?.transaction,
      refunds: order.refunds.map {
        .init(number: $0.number, fen: $0.amount.fen, status: $0.status)
      })
  }
}

extension PlatformView.Merchant {
  init(_ merchant: PlatformMerchant, _ model: PlatformModel) {
    let account = model.accounts[merchant.id]
    self.init(
      id: merchant.id, appID: merchant.appID, name: merchant.name,
      balanceFen: merchant.balance.fen, isWithdrawn: merchant.isBalanceWithdrawn,
      keyMode: account.map { $0.mode.word }, publicKeyID: account?.publicKey?.serial,
      certificates: account?.platformCertificates.map(\.serial) ?? [])
  }
}

extension PlatformKeyMode {
  /// The mode in one word.
  var word: String {
    switch self {
    case .certificates: "certificates"
    case .changing: "changing"
    case .publicKey: "publicKey"
    }
  }
}
