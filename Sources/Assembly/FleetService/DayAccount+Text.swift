public import CoreService
internal import Money

extension DayAccount {
  /// A day's sums and differences as lines for a person.
  public var text: String {
    func yuan(_ fen: Int64) -> String { "\(Amount(fen: fen))" }
    var text = "\(day): \(payments) payments, \(yuan(paidFen)); "
    text += "\(refunds) refunds, \(yuan(refundedFen))\n"
    text += "delivered \(yuan(deliveredFen)), back \(yuan(backFen)), open \(yuan(openFen))\n"
    for line in lines { text += "  \(line)\n" }
    return text + (differences == 0 ? "everything adds up\n" : "\(differences) differences\n")
  }
}
