@testable import FleetStorage
import Foundation
import Glibc
import LoopbackDatabase
import Platform
@testable import PostgresStorage
import Simulation
import Synchronization
import Testing

/// The forms that a fleet's store comes in.
enum StoreKind: String, Sendable, Codable, CaseIterable, CustomTestStringConvertible {
  case sqlite, postgres

  /// Those that can be tried here.
  static let here = allCases.filter { $0 == .sqlite || DatabaseServer.programs != nil }

  var testDescription: String { rawValue }
}

/// A place for one test's store, gone with it; any number of processes may open it.
final class Storeroom: Sendable {
  let address: Address
  private let folder: String

  /// What another process needs to open the same store.
  struct Address: Sendable, Codable {
    var kind: StoreKind
    /// A file, or libpq's parameters.
    var place: String
    var schema: String

    func open(
      migration: FleetSchema.Migration = .allowed, timeLimit: Duration = .seconds(10)
    ) throws(FleetError) -> any FleetStore {
      switch kind {
      case .sqlite: try SQLiteFleetStore(path: place, migration: migration)
      case .postgres:
        try PostgresFleetStore(
          place, schema: schema, migration: migration, timeLimit: timeLimit)
      }
    }

    /// As the program of an earlier schema would leave it.
    func make(lastStep: Int) throws(FleetError) {
      switch kind {
      case .sqlite:
        _ = try SQLiteFleetStore(path: place, migration: .allowed, lastStep: lastStep)
      case .postgres:
        _ = try PostgresFleetStore(
          place, schema: schema, migration: .allowed, connections: 1, timeLimit: .seconds(10),
          lastStep: lastStep)
      }
    }
  }

  init(_ kind: StoreKind, server: DatabaseServer? = nil) {
    let place = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array("\(place)/vend-fleet-XXXXXX".utf8CString)
    folder = mkdtemp(&template).map { String(cString: $0) } ?? "/nowhere"
    address =
      switch kind {
      case .sqlite: Address(kind: kind, place: "\(folder)/fleet.db", schema: "")
      case .postgres:
        Address(
          kind: kind, place: (server ?? .shared).parameters,
          schema: "t\(RandomBits.next())")
      }
  }

  /// Clears it away; the database's schemas go with its server.
  func leave() { try? FileManager.default.removeItem(atPath: folder) }

  func open(
    migration: FleetSchema.Migration = .allowed, timeLimit: Duration = .seconds(10)
  ) throws(FleetError) -> any FleetStore {
    try address.open(migration: migration, timeLimit: timeLimit)
  }

  /// Changes rows behind the store's back.
  func spoil(_ statement: String) throws {
    switch address.kind {
    case .sqlite: try SQLiteConnection(path: address.place, readOnly: false).run(statement)
    case .postgres:
      let connection = try PostgresConnection(address.place, timeLimit: .seconds(10))
      let path = PostgresQuery("SET search_path = \(address.schema)")
      _ = try connection.run([path, PostgresQuery(statement)])
    }
  }

  /// A file beside the store.
  func file(_ name: String) -> String { "\(folder)/\(name)" }
}

/// Runs a piece of work on several threads at once and waits for all of them.
func onThreads<Result: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (Int) -> Result
) async -> [Result] {
  await withTaskGroup(of: (Int, Result).self) { group in
    for index in 0..<count {
      group.addTask {
        await withCheckedContinuation { continuation in
          Worker(name: "test-\(index)").enqueue {
            continuation.resume(returning: (index, body(index)))
          }
        }
      }
    }
    var results: [(Int, Result)] = []
    for await result in group { results.append(result) }
    return results.sorted { $0.0 < $1.0 }.map(\.1)
  }
}
