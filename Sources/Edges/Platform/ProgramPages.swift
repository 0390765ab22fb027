internal import CLinux

/// The pages of the program and of its libraries.
public enum ProgramPages {
  /// Gives back what is not needed while nothing happens: clean pages of code and constants, and
  /// the heap's free ones.
  ///
  /// A TLS handshake alone touches megabytes of libraries that then lie mapped until the next sale.
  /// The kernel keeps them in its page cache for as long as it has room, so that a sale finds them
  /// again in microseconds and without the disk.
  public static func release() { vend_release_pages() }
}
