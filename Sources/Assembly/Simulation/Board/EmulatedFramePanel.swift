internal import Devices
public import Pixels

/// A frame buffer as `RemoteIO` describes it: requests in lines, pixels behind some of them.
public struct EmulatedFramePanel: EmulatedPanel {
  public private(set) var paints = 0
  public private(set) var nonsense = 0
  public private(set) var brightnessPercent = 100
  private let size: (width: Int, height: Int)
  /// What is shown.
  private var memory: PanelMemory
  /// What will be shown once the rectangle that is on its way is whole.
  private var draft: PanelMemory
  private var assembler = LineAssembler()

  /// Makes a frame buffer of that size, black.
  public init(width: Int, height: Int) {
    size = (width, height)
    memory = PanelMemory(width: width, height: height)
    draft = memory
  }

  public var picture: Frame? { brightnessPercent == 0 ? nil : memory.frame }

  public mutating func losePower() {
    self = EmulatedFramePanel(width: size.width, height: size.height)
  }

  /// The picture stays, without the rectangle that the last host may have left unfinished.
  public mutating func meetHost() { (draft, assembler) = (memory, LineAssembler()) }

  public mutating func take(_ bytes: [UInt8]) -> PanelReaction {
    var reaction = PanelReaction()
    var rest = bytes[...]
    while let byte = rest.first, !reaction.hangsUp {
      if draft.missing > 0 {
        rest = rest.dropFirst(draft.take(rest))
        if draft.missing == 0 { paint(&reaction) }
      } else {
        rest = rest.dropFirst()
        hear(byte, &reaction)
      }
    }
    return reaction
  }

  private mutating func paint(_ reaction: inout PanelReaction) {
    memory = draft
    paints += 1
    reaction.didPaint = true
    say(.done, &reaction)
  }

  private mutating func hear(_ byte: UInt8, _ reaction: inout PanelReaction) {
    let line: String
    do throws(LineAssembler.Nonsense) {
      guard let whole = try assembler.append(CollectionOfOne(byte)).first else { return }
      line = whole
    } catch {
      return refuse(.syntax, &reaction)
    }
    switch RemoteIO.FrameRequest(line) {
    case .paint(let area):
      guard area.intersection(memory.frame.bounds) == area else {
        return refuse(.size(width: size.width, height: size.height), &reaction)
      }
      draft.open(area)
    case .light(let percent):
      brightnessPercent = percent
      say(.done, &reaction)
    case .alive: say(.done, &reaction)
    case nil: refuse(.syntax, &reaction)
    }
  }

  private mutating func refuse(_ refusal: RemoteIO.Refusal, _ reaction: inout PanelReaction) {
    nonsense += 1
    reaction.hangsUp = true
    say(.refused(refusal), &reaction)
  }

  private func say(_ answer: RemoteIO.Answer, _ reaction: inout PanelReaction) {
    reaction.answer += Array("\(answer.text)\n".utf8)
  }
}
