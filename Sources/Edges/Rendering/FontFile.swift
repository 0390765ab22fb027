internal import Glibc

/// A font file in memory: mapped, not read, so that it takes memory only where it is looked at.
@safe
final class FontFile {
  let start: UnsafeRawPointer
  let count: Int

  init(path: String) throws(RenderingError) {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { throw .fontUnreadable("\(path): \(Self.words(errno))") }
    defer { close(number) }
    var status = stat()
    guard unsafe fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size > 0, let size = Int(exactly: status.st_size)
    else { throw .fontUnreadable("\(path): not a file with something in it") }
    let mapped = unsafe mmap(nil, size, PROT_READ, MAP_PRIVATE, number, 0)
    guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
      throw .fontUnreadable("\(path): \(Self.words(errno))")
    }
    unsafe (start, count) = (UnsafeRawPointer(mapped), size)
  }

  deinit { unsafe munmap(UnsafeMutableRawPointer(mutating: start), count) }

  /// Gives back the pages that were looked at.
  ///
  /// The kernel maps sixteen around each one that is touched: a few dozen Chinese characters would
  /// hold three megabytes of a budget of twelve. They stay in the page cache.
  func release() {
    _ = unsafe madvise(UnsafeMutableRawPointer(mutating: start), count, MADV_DONTNEED)
  }

  private static func words(_ code: Int32) -> String {
    unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }
}
