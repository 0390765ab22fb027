public import Control
internal import Timing

/// Orders as a table for programs: RFC 4180, a header and a row each.
public enum OrdersTable {
  /// The orders; amounts in fen, moments in UTC.
  public static func csv(_ orders: [OrderSummary]) -> String {
    let head = [
      "order", "made", "updated", "lane", "product", "fen", "state", "open", "transaction", "note",
    ]
    return CSV.row(head)
      + orders.map { order in
        CSV.row([
          order.number, WallTime(milliseconds: order.madeAtMilliseconds).rfc3339,
          WallTime(milliseconds: order.updatedAtMilliseconds).rfc3339, order.lane, order.title,
          String(order.amountFen), order.state, order.isOpen ? "yes" : "no",
          order.transaction ?? "", order.note,
        ])
      }.joined()
  }
}
