/// Lets one transaction carry the postings of many callers.
///
/// A posting waits for company for 2 ms at most, or until there are a hundred; then one of the
/// group's threads commits them all, and each caller gets its own answer. While every thread is
/// busy committing, more come together by themselves: the batches grow with the load, not the wait.
public final class CommitGroup: Sendable {
  private let gathering: Gathering<Posting, PostingAnswer>

  /// Starts `threads` threads that write into `ledger`.
  ///
  /// Two keep a database busy while one waits for its disk; one file has one writer, and more
  /// threads gain nothing.
  public init(
    _ ledger: any OrderLedger, threads: Int = 2, batchMax: Int = 100,
    patience: Duration = .milliseconds(2), waitingMax: Int = 20_000
  ) {
    gathering = Gathering(
      "commit", threads: threads, batchMax: batchMax, patience: patience, waitingMax: waitingMax
    ) { postings throws(FleetError) in try ledger.apply(postings) }
  }

  /// Carries out one posting together with those of others, and waits for it without a thread.
  public func post(_ posting: Posting) async throws(FleetError) -> PostingAnswer {
    try await gathering.ask(posting)
  }

  /// Carries out one posting; `answer` is called once, on one of the group's threads, or at once
  /// when too many wait.
  public func post(
    _ posting: Posting, answer: @escaping @Sendable (Result<PostingAnswer, FleetError>) -> Void
  ) {
    gathering.ask(posting, answer: answer)
  }

  /// Ends the threads; what waits is still carried out, what comes later is turned away.
  ///
  /// A group that is not closed never goes away.
  public func close() { gathering.close() }
}
