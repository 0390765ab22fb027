@testable import FleetStorage
import Money
import Ordering
import Testing
import Timing

/// What a batch comes to, without a database.
@Suite struct BatchPlanTests {
  private func head(
    _ revision: Int64, _ state: OrderState, fen: Int64 = 435, archived: Bool = false
  ) -> BatchPlan.Head {
    BatchPlan.Head(
      revision: revision, state: state, amount: Amount(fen: fen), openedAt: noon,
      isArchived: archived)
  }

  private func plan(
    _ postings: [Posting], _ change: (inout BatchPlan.Found) -> Void = { _ in }
  ) -> BatchPlan {
    var (plan, found) = (BatchPlan(postings), BatchPlan.Found())
    change(&found)
    plan.judge(found)
    return plan
  }

  @Test func rowsAreLockedOnceAndInOneOrder() throws {
    let plan = BatchPlan([
      try .opening(.sample(3), fence: Fence(lease: "b", number: 1)), try .opening(.sample(1)),
      try .step(1, of: .sample(3), fence: Fence(lease: "a", number: 1)),
    ])
    #expect(plan.numbers == [1, 3].map { OrderRequest.sample($0).number })
    #expect(plan.leases == ["a", "b"])
  }

  @Test func whatIsRefusedAtOnceIsNotLookedUp() throws {
    var bad = try Posting.opening(
      .sample(1), keys: [.notice("1", account: "a")], fence: Fence(lease: "b", number: 1))
    bad.machine = "\n"
    let plan = BatchPlan([bad])
    #expect(plan.numbers.isEmpty)
    #expect(plan.wantedKeys.isEmpty)
    #expect(plan.leases.isEmpty)
    guard case .refused? = plan.verdicts[0] else {
      Issue.record("\(String(describing: plan.verdicts))")
      return
    }
  }

  @Test(arguments: OrderState.allCases, [Int64(1), 2, 3])
  func onlyTheVeryStateRevisionAndAmountAreBuiltUpon(state: OrderState, revision: Int64) throws {
    let number = OrderRequest.sample().number
    for fen: Int64 in [434, 435] {
      let plan = plan([try .step(1), try .opening()]) {
        $0.heads[number] = head(revision, state, fen: fen)
      }
      let isMet = state == .opening && revision == 1 && fen == 435
      #expect(plan.verdicts == [isMet ? .written(revision: 2) : .conflict, .conflict])
      #expect(plan.updates.count == (isMet ? 1 : 0))
      #expect(plan.inserts.isEmpty)
      #expect(plan.conflicts == [number])
    }
  }

  @Test func anOrderIsWrittenOnceAsItsLastPostingLeavesIt() throws {
    let postings =
      try [Posting.opening(at: noon + .seconds(1))]
      + (1...4).map { try Posting.step($0, at: noon + .seconds($0 + 1)) }
    let plan = plan(postings)
    #expect(plan.verdicts == (1...5).map { .written(revision: $0) })
    #expect(plan.updates.isEmpty)
    #expect(plan.inserts.map(\.revision) == [5])
    #expect(plan.inserts.first?.openedAt == noon + .seconds(1))
    #expect(plan.inserts.first?.updatedAt == noon + .seconds(5))
    #expect(plan.events.map(\.event.revision) == [1, 2, 3, 4, 5])
    #expect(plan.days == [BeijingDay(of: noon)])
  }

  @Test func anArchivedOrderComesBackAndKeepsItsDay() throws {
    let number = OrderRequest.sample().number
    let plan = plan([try .step(1, at: noon + .seconds(864_000))]) {
      $0.heads[number] = head(1, .opening, archived: true)
    }
    #expect(plan.revived == [number])
    #expect(plan.inserts.map(\.openedAt) == [noon])
    #expect(plan.updates.isEmpty)
    #expect(plan.days == [BeijingDay(of: noon)])
  }

  @Test func whatIsNotWrittenLeavesNothing() throws {
    let key = PostingKey.notice("1", account: "a")
    let draft = Posting.Draft(topic: "t", body: "b")
    let plan = plan([
      try .step(1, of: .sample(1), messages: [draft], keys: [key]),
      try .opening(.sample(2), messages: [draft], fence: Fence(lease: "x", number: 2)),
      try .opening(.sample(3), messages: [draft], keys: [.notice("2", account: "a")]),
    ]) {
      $0.leases["x"] = 3
      $0.keys[.notice("2", account: "a")] = OrderRequest.sample(3).number
    }
    #expect(
      plan.verdicts == [
        .conflict, .fenced,
        .duplicate(.notice("2", account: "a"), of: OrderRequest.sample(3).number),
      ])
    #expect(plan.isEmpty)
    #expect(plan.events.isEmpty && plan.messages.isEmpty && plan.keys.isEmpty)
  }

  @Test func keysOfDifferentKindsAreNeverTheSame() throws {
    let number = OrderRequest.sample().number
    let keys: Set<PostingKey> = [
      .notice("1", account: "a"), .notice("a", account: "1"), .notice("2", account: "a"),
      .payment(number, transaction: "1"), .payment(number, transaction: "2"),
    ]
    #expect(keys.count == 5)
  }
}
