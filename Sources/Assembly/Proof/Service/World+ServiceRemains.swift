internal import Core

extension World {
  /// What outlives a cut or a kill beside the board's own remains: the service with everything that
  /// is on its way in it, and a board that goes on.
  ///
  /// Of turns the whole text is taken: what is to be done next is no value with a hash.
  func hashService(into hasher: inout Hasher) {
    hasher.combine(service.store.rows.values)
    hasher.combine(service.store.lease)
    hasher.combine(service.processes)
    hasher.combine(service.polls)
    hasher.combine(service.noticesUnderWay)
    hasher.combine(service.databaseReturns)
    hasher.combine(service.dutiesAt)
    for turn in service.turns { hasher.combine(String(describing: turn)) }
    hasher.combine(service.line.call)
    hasher.combine(service.line.held?.call)
    hasher.combine(service.line.held?.following)
    hasher.combine(service.line.followBackOff.failures)
    hasher.combine(service.line.probesFailed)
    hasher.combine(isRunning)
    guard isRunning else { return }
    hasher.combine(machine)
    hasher.combine(booksAreOpen)
    hasher.combine(isAsking)
    hasher.combine(timers)
    hasher.combine(questions[firstQuestion...])
    hasher.combine(lastAnswers)
    hasher.combine(writing?.entry)
    hasher.combine(glass.wish)
    hasher.combine(glass.painting)
    hasher.combine(glass.saidDark)
    hasher.combine(glass.ending)
    hasher.combine(glass.isOpen)
  }
}
