/*
 * What a run tells beside its verdict.
 *
 * spin's simulation prints one line a step: what happened, and how everything stands after it. pan,
 * which checks, counts instead how often it came by each of the marks, so that nobody need believe
 * that the search went where it hurts: a mark that was never passed is a part of the model that
 * proves nothing. With -DREACH=MARK it looks for a run that passes that mark.
 */
#ifdef TRACE
#define SAY(...) printf(__VA_ARGS__)
#define SHOW_BOARD \
  printf(" | board=%e journal=%e writing=%d calls=%d answers=%d core=%e", \
    board, begun, (len(disk) > 0 -> 1 : 0), len(calls), len(answers), want)
#define SHOW_ORDER(o) \
  printf(" %d.owed=%e %d.said=%e %d.book=%e %d.permit=%e %d.late=%d %d.told=%d", \
    o, owed[o], o, said[o], o, book[o], o, nonce[o], o, late[o], o, told[o]); \
  printf(" %d.exists=%d %d.closed=%d %d.paid=%e %d.back=%e %d.refunds=%d %d.pulses=%d", \
    o, exists[o], o, isClosed[o], o, pay[o], o, back[o], o, refunds[o], o, pulses[o])
#define SHOW_END printf("\n"); COUNT
#ifdef FUSE
#define COUNT steps = (steps < 255 -> steps + 1 : steps)
#else
#define COUNT skip
#endif

#else
#define SAY(...) skip
/* As many statements as a run has that tells, so that such a run can follow pan's trail. */
#define SHOW_BOARD skip
#define SHOW_ORDER(o) skip; skip
#define SHOW_END skip; skip
#endif

#define MARKS(M) \
  M(toldInTurn) M(paidTooLate) M(paidInTheVeryMoment) M(dropWhileNoDropIsWritten) \
  M(lateDropSeen) M(stoppedWhileBeginning) M(stoppedAfterIntent) M(permitOvertakenByCancel) \
  M(permitOfAnEarlierRun) M(permitAnswerLost) M(endedInTheBackground) M(paidInTheBackground) \
  M(settlementFailed) M(foundAnIntent) M(failedAndNotYetPaid) M(permitFound) \
  M(openedAgain) M(openAnsweredAgain) M(settledBeforePaidIsKnown) M(settledWithoutAPermit) \
  M(paidAfterClose) M(paidButNotYetToBeSeen) M(forgeryRefused) M(closeLostToPayment) \
  M(balanceTooSmall) M(refundStuck) M(refundForgotten) M(paidButNeverFetched) \
  M(refundAskedAgain) M(paidLate) M(doubtWithoutSensor) M(powerFailsBetweenIntentAndPulse) \
  M(powerFailsBetweenPulseAndVerdict) M(permitTakenBack) M(powerFailsInCreate) \
  M(powerFailsInClose) M(powerFailsInRefund) M(powerFailsBeforeAlarm) M(endsDelivered) \
  M(endsDeliveredUnseen) M(endsAssumed) M(endsRefunded) M(endsWithGoodsAndMoneyUnsure) \
  M(endsWithGoodsAndMoneyLateDrop) M(endsHeld) M(endsUnpaid) M(actsLate) \
  M(permitRefusedToAnotherRun) M(settlementWaitedForLateDrop)

#if defined(REACH)
/* A run to rest that passes the mark REACH is what is looked for: as if that were wrong. */
#define NAME(name) name,
mtype = { MARKS(NAME) unmarked }
bit isReached;
#define START skip
#define MARK(name) isReached = (name == REACH -> 1 : isReached)
#elif defined(TRACE)
#define START skip
#define MARK(name) skip
#else
#define NUMBER(name) name,
#define PRINT(name) printf("mark " #name " %ld\n", marks[name]);
c_decl {
  enum { MARKS(NUMBER) markCount };
  static long marks[markCount];
  static void printMarks(void) { MARKS(PRINT) }
}
#define START c_code { atexit(printMarks); }
#define MARK(name) c_code { marks[name]++; }
#endif

#if SALES == 1
#define SHOW SHOW_BOARD; SHOW_ORDER(0); SHOW_END
#else
#define SHOW SHOW_BOARD; SHOW_ORDER(0); SHOW_ORDER(1); SHOW_END
#endif
