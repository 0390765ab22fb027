import Glibc

// What libFuzzer calls. Built by board/fuzz alone, together with the decoders of the tests.

/// Which decoder is fed: `VEND_FUZZ_TARGET`, a name of `Decoder`.
private let decoder: Decoder = {
  guard let name = getenv("VEND_FUZZ_TARGET"), let found = Decoder(rawValue: String(cString: name))
  else {
    print("set VEND_FUZZ_TARGET to one of \(Decoder.allCases.map(\.rawValue))")
    exit(2)
  }
  return found
}()

/// The processor time in which any input must be done with, in nanoseconds: time of this thread,
/// so that a busy computer proves nothing.
private let hangNanoseconds = 10_000_000

@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let input = Array(UnsafeBufferPointer(start: bytes, count: count))
  let spent = time { _ = decoder.feed(input) }
  // Once may be a page fault or the first use of a table; twice is the input.
  if spent > hangNanoseconds, time({ _ = decoder.feed(input) }) > hangNanoseconds {
    fatalError("\(decoder.rawValue) takes longer than 10 ms for \(count) bytes")
  }
  return 0
}

private func time(_ body: () -> Void) -> Int {
  let begin = nanoseconds()
  body()
  return nanoseconds() - begin
}

private func nanoseconds() -> Int {
  var now = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
  return now.tv_sec * 1_000_000_000 + now.tv_nsec
}
