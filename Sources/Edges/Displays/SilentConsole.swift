internal import CFramebuffer
internal import Glibc
internal import Platform

/// The text console of this computer, kept from drawing until this object goes.
final class SilentConsole: Sendable {
  private let terminal: Descriptor

  /// Nil where there is no console, or we may not silence it.
  init?() {
    let number = unsafe open("/dev/tty0", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    terminal = Descriptor(adopting: number)
    guard vend_console_graphics(number, 1) == 0 else { return nil }
  }

  deinit { _ = vend_console_graphics(terminal.number, 0) }
}
