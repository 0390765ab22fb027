/// What lies behind an error code of the provider, as people speak of it.
///
/// Codes differ between v2 and v3 and from call to call; causes do not.
enum Cause: Hashable, Sendable, CaseIterable {
  // Passing.
  case platformBusy, tooManyCalls, payerAtIt
  // An order's number and where it stands.
  case alreadyPaid, alreadyClosed, noSuchOrder, numberReused, wrongState
  // Refunds.
  case notEnough, refundRefused, payerAccount, tooOld, refundsTooFast, tooFresh, noSuchRefund
  case noSuchPayment, amountsDiffer, noCertificate
  // The merchant's set-up.
  case notEnabled, noSuchApp, noSuchMerchant, notBound, badSignature, badCertificate, accountTrouble
  case ruledOut, unusableAccount
  // Bills.
  case noBill, billNotReady
  // This program.
  case badMessage, badAmount
  // Nobody has told us.
  case unknown

  /// Codes as both versions of the API write them, less their underscores (facts: WeChat Pay A.5 to
  /// A.10 and B.10), and those that this program makes itself.
  private static let codes: [String: Cause] = [
    "SYSTEMERROR": .platformBusy, "BIZERRNEEDRETRY": .platformBusy, "BANKERROR": .platformBusy,
    "SERVICEUNAVAILABLE": .platformBusy,
    "FREQUENCYLIMITED": .tooManyCalls, "FREQUENCYLIMITEXCEED": .tooManyCalls,
    "RATELIMITEXCEEDED": .tooManyCalls,
    "USERPAYING": .payerAtIt,
    "ORDERPAID": .alreadyPaid, "ORDERCLOSED": .alreadyClosed, "ORDERNOTEXIST": .noSuchOrder,
    "INVALIDREQUEST": .numberReused, "OUTTRADENOUSED": .numberReused,
    "TRADESTATEERROR": .wrongState,
    "NOTENOUGH": .notEnough, "ERROR": .refundRefused, "USERACCOUNTABNORMAL": .payerAccount,
    "TRADEOVERDUE": .tooOld, "INVALIDREQTOOMUCH": .refundsTooFast, "ORDERNOTREADY": .tooFresh,
    "REFUNDNOTEXIST": .noSuchRefund, "RESOURCENOTEXISTS": .noSuchRefund,
    "INVALIDTRANSACTIONID": .noSuchPayment, "REFUNDFEEMISMATCH": .amountsDiffer,
    "NOCERTIFICATE": .noCertificate,
    "NOAUTH": .notEnabled, "APPIDNOTEXIST": .noSuchApp, "MCHIDNOTEXIST": .noSuchMerchant,
    "MCHNOTEXISTS": .noSuchMerchant, "APPIDMCHIDNOTMATCH": .notBound, "OPENIDMISMATCH": .notBound,
    "SIGNERROR": .badSignature, "CERTERROR": .badCertificate, "ACCOUNTERROR": .accountTrouble,
    "REQUESTBLOCKED": .accountTrouble, "RULELIMIT": .ruledOut, "TRADEERROR": .ruledOut,
    "ACCOUNT": .unusableAccount,
    "NOSTATEMENTEXIST": .noBill, "STATEMENTCREATING": .billNotReady,
    "LACKPARAMS": .badMessage, "PARAMERROR": .badMessage, "XMLFORMATERROR": .badMessage,
    "POSTDATAEMPTY": .badMessage, "NOTUTF8": .badMessage, "REQUIREPOSTMETHOD": .badMessage,
    "AMOUNT": .badAmount, "CONFLICT": .numberReused, "SPENT": .numberReused,
  ]

  /// The cause behind a code; `unknown` for one that is not in the table.
  init(code: String) {
    self = Self.codes[code.filter { $0 != "_" }.uppercased()] ?? .unknown
  }
}
