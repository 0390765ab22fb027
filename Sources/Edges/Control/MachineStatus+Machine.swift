internal import Money
internal import Ordering
public import Timing
public import Vending

// What a daemon says of its machine, from the rules' state and nothing else.
extension MachineStatus {
  /// What a daemon knows beside the rules' state.
  public struct Run: Sendable {
    public var machine: String
    public var board: String
    public var version: String
    public var process: Int32
    public var uptimeSeconds: Int64
    /// Relays whose lane is empty by its own switch.
    public var emptyChannels: [String]
    /// The provider's clock minus ours; nil before its first answer.
    public var clockSkew: Duration?

    /// Describes a run.
    public init(
      machine: String, board: String, version: String, process: Int32, uptimeSeconds: Int64,
      emptyChannels: [String], clockSkew: Duration?
    ) {
      (self.machine, self.board, self.version) = (machine, board, version)
      (self.process, self.uptimeSeconds) = (process, uptimeSeconds)
      (self.emptyChannels, self.clockSkew) = (emptyChannels, clockSkew)
    }
  }

  /// How a machine is at a moment of both clocks; counts of the order book come with it.
  ///
  /// Without `counters` the books are closed: nothing is known then of counts and stock, which is
  /// neither zero nor full.
  public init(
    of machine: Machine, _ run: Run, counters: [String: Int64]?, openOrders: Int,
    at now: Instant, _ wall: WallTime
  ) {
    self.init(
      machine: run.machine, board: run.board, version: run.version, process: run.process,
      uptimeSeconds: run.uptimeSeconds, state: machine.stateName,
      order: machine.sale?.request.number.text, sells: machine.sells,
      faults: machine.faults.standing.map { FaultLine($0, at: now, wall) },
      lanes: machine.plan.lanes.map { lane in
        var line = LaneLine(lane, of: machine, isEmpty: run.emptyChannels.contains(lane.channel))
        if counters == nil { line.stock = nil }
        return line
      },
      counters: counters ?? [:], openOrders: openOrders,
      clockSkewMilliseconds: run.clockSkew.map(\.wholeMilliseconds))
  }
}

extension MachineStatus.FaultLine {
  /// A fault that stands at a moment of both clocks.
  public init(_ entry: FaultLedger.Entry, at now: Instant, _ wall: WallTime) {
    let fault = entry.fault
    self.init(
      code: fault.code.rawValue, subject: fault.subject,
      words: fault.code.words + (fault.detail.isEmpty ? "" : ": \(fault.detail)"),
      sinceMilliseconds: wall.milliseconds - (now - entry.since).wholeMilliseconds)
  }
}

extension MachineStatus.LaneLine {
  /// A lane as it sells now; `isEmpty` by its own switch.
  public init(_ lane: Plan.Lane, of machine: Machine, isEmpty: Bool) {
    let record = machine.ledger.lanes[lane.code]
    self.init(
      code: lane.code, name: lane.name, priceFen: machine.price(of: lane).fen,
      stock: lane.capacity == nil ? nil : record?.stock, isClosed: record?.isClosed ?? false,
      failures: record?.failures ?? 0)
    par = machine.par(of: lane)
    isOff = record?.setting.isOff ?? false || !machine.isListed(lane)
    self.isEmpty = isEmpty
    if machine.listedPrices != nil {
      pricedBy = "\(Author.core)"
    } else if let set = record?.setting.price {
      (pricedBy, pricedAtMilliseconds) = ("\(set.by)", set.at.milliseconds)
    }
  }
}

extension PartsReport {
  /// What the rules know of the parts, with the picture that stands on the display.
  public init(of machine: Machine, screen: Screen, linesAreHeld: Bool) {
    self.init(
      screen: screen.name, displayIsWell: !machine.faults.stands(.displayDark),
      linesAreHeld: linesAreHeld)
    isInService = machine.isInService
  }

  /// Notes the relays whose lane is empty by its own switch.
  public mutating func note(emptyChannels: [String], of machine: Machine) {
    let empty = Set(emptyChannels)
    emptyLanes = machine.plan.lanes.filter { empty.contains($0.channel) }.map(\.code)
  }
}
