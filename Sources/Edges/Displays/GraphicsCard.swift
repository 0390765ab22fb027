internal import CFramebuffer
internal import Glibc
internal import Pixels
internal import Platform

/// The screen of a graphics card of the kernel's, taken until this object goes.
final class GraphicsCard: Sendable {
  /// How the buffer that it shows is laid out.
  let layout: FramebufferLayout
  private let node: Descriptor
  private let card: vend_card

  /// Takes the first connected screen, in the mode of that size if it has one.
  init(path: String, width: Int, height: Int) throws(DisplayError) {
    let number = unsafe open(path, O_RDWR | O_CLOEXEC)
    guard number >= 0 else { throw .notThere("\(SystemError.last("open", path))") }
    node = Descriptor(adopting: number)
    var card = vend_card()
    let result = unsafe vend_card_open(number, &card, UInt32(width), UInt32(height))
    switch -result {
    case 0: break
    case ENODEV: throw .notThere("\(path): no screen is connected")
    case EACCES, EPERM:
      throw .notThere("\(path): another program, such as a desktop, holds it; end that program")
    case ENOTTY, EINVAL, EOPNOTSUPP:
      throw .wrongDevice("\(path) is no card with a screen")
    default: throw .notThere("\(SystemError("mode setting", path, code: -result))")
    }
    self.card = card
    layout = FramebufferLayout(
      cardWidth: Int(card.width), height: Int(card.height), bytesPerRow: Int(card.pitch))
  }

  deinit {
    var card = card
    unsafe vend_card_close(node.number, &card)
  }

  /// Whether a screen is still connected.
  var isConnected: Bool {
    var card = card
    return unsafe vend_card_is_connected(node.number, &card) == 1
  }

  /// Puts the part of a picture of at most the screen's size on the screen.
  func show(_ area: Rectangle, of frame: Frame) throws(SystemError) {
    var card = card
    for row in area.y..<area.bottom {
      let bytes = layout.bytes(of: frame, row: row, columns: area.x..<area.right)
      let offset = UInt64(layout.offset(x: area.x, y: row))
      let result = unsafe vend_card_write(&card, offset, bytes, UInt64(bytes.count))
      guard result == 0 else { throw SystemError("write", code: -result) }
    }
    let result = unsafe vend_card_flush(
      node.number, &card, UInt16(area.x), UInt16(area.y), UInt16(area.right), UInt16(area.bottom))
    guard result == 0 else { throw SystemError("flush", code: -result) }
  }
}
