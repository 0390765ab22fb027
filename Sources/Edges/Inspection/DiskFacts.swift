internal import Glibc
public import Platform
internal import Timing

/// What a disk and its folders are like; nothing that has a name is written.
public enum DiskFacts {
  /// How many more files an unprivileged process may make on the file system of a path; `max` where
  /// there is no limit.
  public static func freeFiles(at path: String) throws(SystemError) -> Int64 {
    var status = statvfs()
    guard unsafe statvfs(path, &status) == 0 else { throw .last("statvfs", path) }
    return status.f_files == 0 ? .max : Int64(clamping: status.f_favail)
  }

  /// `__O_TMPFILE` of `<asm-generic/fcntl.h>`, which Glibc shows only to those who ask for GNU.
  private static let temporary: Int32 = 0o20_000_000

  /// How long a record of half a kilobyte takes until it is on the disk: the middle one of three.
  ///
  /// It goes into a file without a name (O_TMPFILE, open(2)), which ends with its descriptor.
  public static func syncTime(in directory: String) throws(SystemError) -> Duration {
    let flags = temporary | O_DIRECTORY | O_RDWR | O_CLOEXEC
    let number = unsafe open(directory, flags, 0o600)
    guard number >= 0 else { throw .last("open", directory) }
    let file = Descriptor(adopting: number)
    let record = [UInt8](repeating: 0x5A, count: 512)
    var times: [Duration] = []
    for _ in 0..<3 {
      let began = Clock.now()
      _ = try file.write(record[...])
      guard fdatasync(number) == 0 else { throw .last("fdatasync", directory) }
      times.append(Clock.now() - began)
    }
    return times.sorted()[1]
  }

  /// The names in a directory, sorted and without those that begin with a dot; none when it cannot
  /// be read.
  public static func names(in directory: String) -> [String] {
    guard let listing = unsafe opendir(directory) else { return [] }
    defer { unsafe closedir(listing) }
    var names: [String] = []
    while let entry = unsafe readdir(listing) {
      // The name is a C string in an array, which Swift sees as a tuple.
      let bytes = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0) }
      let name = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// What a symbolic link says; nil when it is none or may not be read.
  public static func link(_ path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = unsafe readlink(path, &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }
}
