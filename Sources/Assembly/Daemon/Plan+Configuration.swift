internal import MachineFiles
internal import Devices
internal import Displays
internal import Ordering
internal import Timing
internal import Vending
internal import WeChatPay

extension Plan {
  /// The part of a machine file that the rules need.
  ///
  /// `hasServiceCode`: whether a code was found that opens service mode.
  init(_ file: MachineConfiguration, hasServiceCode: Bool = false) {
    var policy = Policy()
    policy.selectionTimeout = file.policy.selectionTimeout
    policy.paymentTimeout = file.policy.paymentTimeout
    policy.dropTimeout = file.policy.dropTimeout
    policy.messageTime = file.policy.messageTime
    policy.unsure =
      switch file.policy.unsure {
      case .refund: .refund
      case .hold: .hold
      case .assumeDelivered: .assumeDelivered
      }
    policy.unsureRefundsPerDay = file.policy.unsureRefundsPerDay
    policy.laneFailureLimit = file.policy.laneFailureLimit
    policy.machineFailureLimit = file.policy.machineFailureLimit
    policy.cancelKey = file.policy.cancelKey
    policy.confirmKey = file.policy.confirmKey
    policy.hasServiceCode = hasServiceCode
    policy.takesPriceList = file.coreService != nil
    policy.language = file.language == .english ? .english : .chinese
    if let service = file.service { policy.serviceTimeout = service.timeout }
    // The platform refuses an expiry of five minutes or less (facts: WeChat Pay A.11).
    policy.providerExpiry = max(.seconds(360), file.policy.paymentTimeout + .seconds(60))
    self.init(
      machine: file.name,
      lanes: file.lanes.map {
        Lane(
          code: $0.code, channel: $0.channel, name: $0.name, price: $0.price, pulse: $0.pulse,
          capacity: $0.capacity)
      },
      policy: policy, hasDropSensor: file.usesDropSensor && file.board.dropSensor != nil,
      hasDoorSwitch: file.board.door != nil)
  }
}
