import Displays
import Glibc
import Imaging
import Pixels
import Platform
import Simulation

/// Debian's `lcd4linux`, which sends a picture to an AX206 with its own driver over libusb 0.1.
final class OtherSender {
  private let child: ChildProcess

  /// Starts it; the picture is on the panel when the panel has counted one.
  init(_ device: MockedAX206, showing frame: Frame) throws {
    let picture = "\(device.folder)/picture.png"
    let file = "\(device.folder)/lcd4linux.conf"
    try Files.replace(picture, with: PNG.encode(frame), durable: false)
    let text = """
      Display panel {
        Driver 'DPF'
        Port 'usb0'
        Font '6x8'
        Foreground 'ffffff'
        Background '000000'
        Basecolor '000000'
        Orientation '0'
        Backlight '7'
      }
      Widget picture {
        class 'Image'
        file '\(picture)'
        visible '1'
        inverted '0'
        update 100
        reload 0
      }
      Layout whole {
        Layer 2 {
          X1.Y1 'picture'
        }
      }
      Display 'panel'
      Layout 'whole'

      """
    // It refuses a file that others may read.
    try Files.replace(file, with: Array(text.utf8), permissions: 0o600, durable: false)
    child = try ChildProcess(
      ["env"] + device.environment.map { "\($0)=\($1)" } + ["/usr/sbin/lcd4linux", "-F", "-q"]
        + ["-f", file, "-p", "\(device.folder)/lcd4linux.pid"])
  }

  deinit { child.send(SIGKILL) }

  /// Ends it at once: what it would paint on its way out is its own affair.
  func end() async { await child.end(patience: .zero) }
}
