internal import Ordering
internal import Timing

// What is refused before a database sees it.
extension FleetBounds {
  /// Refuses names that no database keeps as they are.
  package static func check(names: [(String, String)]) throws(FleetError) {
    for (name, what) in names {
      if let fault = fault(inName: name, what) { throw .refused(fault) }
    }
  }

  /// Refuses a machine that cannot be written.
  package static func check(_ machine: FleetMachine) throws(FleetError) {
    try check(names: [(machine.name, "the machine's name")])
    let hashes = [machine.codeHash, machine.tokenHash, machine.formerTokenHash].compactMap(\.self)
    try check(names: hashes.map { ($0, "a hash") })
    if let fault = fault(inBody: machine.note, "the note") { throw .refused(fault) }
  }

  /// Refuses contacts that cannot be written.
  package static func check(_ contacts: [MachineContact]) throws(FleetError) {
    if contacts.count > contactsMax { throw .refused("more than \(contactsMax) contacts") }
    for contact in contacts {
      try check(names: [(contact.machine, "a machine's name")])
      if let fault = fault(inBody: contact.health, "a health report")
        ?? fault(inBody: contact.faults, "a list of faults")
      {
        throw .refused(fault)
      }
    }
  }

  /// Refuses a document that cannot be written.
  package static func check(_ document: Document) throws(FleetError) {
    try check(names: [(document.name, "the document's name"), (document.author, "the author")])
    if let fault = fault(inBody: document.body, "the document", max: documentMax) {
      throw .refused(fault)
    }
  }

  /// Refuses an entry that cannot be written.
  package static func check(_ entry: LogEntry) throws(FleetError) {
    try check(
      names: [(entry.who, "who"), (entry.what, "what"), (entry.subject, "the subject")])
    if let fault = fault(inBody: entry.body, "the particulars") { throw .refused(fault) }
  }

  /// Refuses a batch or a look-up that is too large.
  package static func check(batchOf count: Int) throws(FleetError) {
    if count > batchMax { throw .refused("more than \(batchMax) at a time") }
  }
}
