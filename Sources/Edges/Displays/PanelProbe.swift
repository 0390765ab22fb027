public import Devices
public import Timing

/// Asks on a port whether a panel of a family is there.
public enum PanelProbe {
  /// What the panel says of itself in this language at this rate; nil when nobody answers so.
  ///
  /// The port must be open at that rate, and is not closed.
  public static func identify(
    _ codec: any PageCodec, on port: any SerialPort, baud: Int, deadline: Instant
  ) throws(DisplayError) -> String? {
    var dialogue = PanelDialogue(port: port, codec: codec)
    do throws(PanelTrouble) {
      return try dialogue.greet(baud: baud, deadline: deadline)
    } catch {
      throw error.displayError
    }
  }
}
