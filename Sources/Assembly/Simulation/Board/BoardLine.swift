internal import MachineFiles
internal import Devices

/// One line of an emulated board: what it is wired to, and who drives or reads it.
final class BoardLine {
  /// What hangs on the wire.
  enum Role: Hashable {
    case row(Int)
    case column(Int)
    case relay(Int)
    case dropSensor
    case door
    /// The switch of a relay's lane that is active when the lane is empty.
    case soldOut(Int)
  }

  /// What a client has made of the line.
  enum Use: Equatable {
    case free
    case output(isHigh: Bool, isActiveLow: Bool, LineSettings.Drive)
    case input(isActiveLow: Bool, LineSettings.Bias)
  }

  let address: String
  let role: Role
  /// Whether a low voltage is what the thing on the wire takes or gives as active.
  let isWiredActiveLow: Bool
  var use = Use.free
  weak var holder: BoardConnection?
  /// The voltage of an input when its holder was last told.
  var toldHigh = false

  init(_ line: BoardConfiguration.Line, role: Role) {
    address = RemoteIO.address(chip: line.chip, name: line.name)
    (self.role, isWiredActiveLow) = (role, line.isActiveLow)
  }

  /// Whether the line can be an output of the computer; the others are driven by the board.
  var isOutput: Bool {
    switch role {
    case .row, .relay: true
    case .column, .dropSensor, .door, .soldOut: false
    }
  }

  /// What the line's pin does to the wire.
  var drive: EmulatedKeypad.Drive {
    guard case .output(let isHigh, _, let drive) = use else { return .floating }
    switch drive {
    case .pushPull: return isHigh ? .high : .low
    case .openDrain: return isHigh ? .floating : .low
    case .openSource: return isHigh ? .high : .floating
    }
  }

  /// The voltage that the wire has when nothing drives it: a pull of the client's, else the
  /// board's own resistor towards "not active".
  var restsHigh: Bool {
    if case .input(_, let bias) = use {
      switch bias {
      case .pullUp: return true
      case .pullDown: return false
      case .asIs, .disabled: break
      }
    }
    return isWiredActiveLow
  }

  /// Whether an output's wire is at what the thing on it takes as active.
  var isActiveOnTheWire: Bool {
    let isHigh =
      switch drive {
      case .high: true
      case .low: false
      case .floating: restsHigh
      }
    return isHigh != isWiredActiveLow
  }
}
