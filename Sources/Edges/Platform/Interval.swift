/// The time between two rounds of work that nobody asks for.
public enum Interval {
  /// Lets a task rest; one that is cancelled goes on at once.
  public static func pass(_ duration: Duration) async { try? await Task.sleep(for: duration) }
}
