/*
 * The money protocol: one machine, its payment core, a provider, and people with phones.
 *
 * Every step of every process below is one thing that happens: an entry reaches the disk, an
 * answer is heard, a timer fires, power fails. Steps are taken in any order at any time, so what
 * holds here holds for every speed of every part; the few times that matter are said where they
 * are assumed. What a step does is what Sources/Rules does for the same event, with money, orders
 * and records kept, and screens, keys and names left out. Runs of this model are replayed against
 * those rules (Tests/VendingTests), so that the two stay one.
 *
 *   money.pml   what there is to know, and what must hold
 *   board.pml   the machine's reducer (Sources/Rules/Vending) and its journal
 *   core.pml    the order book's reducer (Sources/Rules/Ordering) and its executor
 *   world.pml   the provider, the payer, the lane, the way between, the power
 *   trace.pml   what a run tells, and the marks that show how far a search has come
 *
 * board/model checks it: the right design in several bounds, and each wrong design, which is a
 * -DWRONG_... of its own and must break the invariant that board/model names for it.
 *
 * Bounds and settings, each a -D:
 *   SALES=1|2       how many orders
 *   CRASHES=n       how often power fails, anywhere
 *   DOORS=n         how often the door opens
 *   SENSOR=0|1      a drop sensor; not given: either
 *   POLICY=p        what becomes of an unsure order: unsureRefund, unsureHold, assumed; or any
 *   LOSSES=n        how many answers fail; not given: any number
 *   APART           the core is a service: it and the board crash apart, the way between loses,
 *                   delays and repeats; not given: a library in one process, as vendd has it
 *   DELAYS          a call to the provider that got no answer may act there later
 *   DUPS=n          how often something comes twice, or notices come (APART)
 *   ROLLBACKS=n     how often the board's disk comes back as an old image (APART)
 *   SYNCED_PERMIT   the permit's record is synced before it is answered; a service always does it,
 *                   the library leaves the sync to the next record, and is told at its start of the
 *                   permits that the board's journal knows of
 *   ORDERLY         whoever pays pays the price, and before the order is closed
 *   PATIENT         nobody cancels, and no order runs out, before it is paid (for transcripts)
 *   FUSE=n          no trouble before the nth step (for transcripts)
 *   CALM            at some time all trouble ends, for ever: then every road must lead to rest
 *   ONLY=In         one invariant alone is checked
 *
 * Assumed, and not shown: a payment does not come later than the last look for late money; a
 * product that hangs in its lane falls before the next relay goes on, or never; a sensor sees no
 * product that is not there; the board's disk and the core's are not both an older image; a record
 * is on the disk or is not (how that is done is the storage's to prove). Left out: screens, the
 * keypad, stock, closed lanes, the daily cap of unsure refunds, stops of the daemon, and what a
 * person decides about a held order.
 */
#ifndef SALES
#define SALES 1
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
#ifndef DOORS
#define DOORS 0
#endif
#ifndef DUPS
#define DUPS 0
#endif
#ifndef ROLLBACKS
#define ROLLBACKS 0
#endif
#ifdef APART
#define SYNCED_PERMIT
#define IS_APART 1
#else
#define IS_APART 0
#endif

mtype = {
  none,
  /* Where the board is; Machine.State. */
  off, idle, beginning, opening, awaitingPayment, closing, permitting, intending, pulsing, watching,
  judging, ending,
  /* The journal's entries. */
  saleBegan, cancelling, endedUnpaid, intent, verdict, settled, lateDrop,
  /* What became of a sale. Failed stands for every reason but a missing drop. */
  delivered, noDrop, failed, unsureRefund, unsureHold, assumed, unpaid,
  /* Where an order is in the core's book, with opening, closing and delivered of above. */
  notOpened, open, closed, paid, permitted, refundOwed, refunding, refunded, held,
  /* What the board asks the core, with open of above. */
  status, permit, settle, cancel,
  /* What the core answers, with closed of above. */
  unknown, opened, refused, pending, paidPermitted, alreadyPaid, tooLatePermitted, tooLate, granted,
  accepted,
  /* What the core asks the provider, and its answers, with closed, pending and unknown of above. */
  create, query, close, refund, queryRefund,
  created, notFound, paidRight, paidWrong, refundSeen, processing, arrived, stuck, forged,
  /* What a query is asked for, with status and settle of above. */
  beforeClose, afterClose, paidSaid, stranger, lateCheck,
  /* What was paid: the price, or something else. */
  right, wrong,
  /* Permits are given to a run of the board. */
  thisRun, earlierRun
}

/* --- What there is --------------------------------------------------------------------------- */

/* The settings of this machine. */
bit sensor;
mtype policy = none;

/* The board's journal: what survives. */
mtype begun = none;             /* none, saleBegan or intent */
byte begunSale;                 /* the order of that sale */
mtype owed[SALES] = none;       /* what the core must still be told */
bit intended[SALES];            /* that obligation's order had an intent, so a permit */
mtype said[SALES] = none;       /* what the journal says became of the order */

/* The board's memory. */
mtype board = off;
byte sale;                      /* the order of the sale under way */
byte sold;                      /* numbers that are used up */
bit armed;                      /* the timer of the present state; else an answer is awaited */
byte tries;
bit isRestarted;                /* the order is being closed since the board was restarted */
bit dropSeen;
mtype outcome = none;           /* of the verdict that is being written */
byte missing;                   /* 1 + the order whose drop was missing last */
#if SALES == 2
byte oldest;                    /* whose obligation is the older one; on the disk */
byte untold;                    /* 1 + the order whose obligation failed last */
#define FAILED_TO_TELL(o) untold = o + 1
#define FORGET_UNTOLD untold = 0
#else
#define FAILED_TO_TELL(o) skip
#define FORGET_UNTOLD skip
#endif
byte telling;                   /* 1 + the order whose obligation is being told */
bit backoff;                    /* the obligation timer is armed */
byte writing[SALES];            /* entries about the order that wait for the disk */
chan disk = [4] of { mtype, byte, mtype };

/* The way between; what is asked, of which order, for which run, with which outcome. */
chan calls = [5] of { mtype, byte, mtype, mtype };
chan answers = [6] of { mtype, byte, mtype };
#ifdef APART
chan stragglers = [1] of { mtype, byte, mtype, mtype };
#endif

/* The core's book: what survives. */
mtype book[SALES] = none;
mtype nonce[SALES] = none;      /* the run that the permit was given to */
byte late[SALES];               /* checks for late money that are left */
byte unsynced;                  /* 1 + the order whose permit a power cut may take back */
mtype before = none;            /* where it was before that */

/* The core's memory: the one call under way. */
mtype asker = none;             /* the board's call; none for a duty */
byte subject;
mtype forRun = none;
mtype word = none;              /* the outcome that is being settled */
mtype question = none;
mtype want = none;              /* the provider's call that is under way */
mtype reply = none;             /* and its answer, once it is there */
bit isMute;                     /* nobody waits for the answer any more */
bit alarming[SALES];            /* a person is about to be told */

/* The provider's book. */
bit exists[SALES], isClosed[SALES];
mtype pay[SALES] = none;
mtype back[SALES] = none;       /* the refund: none, processing, arrived, stuck */
byte refunds[SALES];            /* how often money went back */
#ifdef DELAYS
chan delayed = [1] of { mtype, byte };
#endif

/* The world. */
bit seen[SALES];                /* the code was on the screen, so somebody may have it */
bit over[SALES];                /* no cashier that was opened in time is open any more */
bit door;
bit relay;
byte moving;                    /* 1 + the order whose product may fall */
byte pulses[SALES];
bit fell[SALES];
bit told[SALES];                /* a person knows that the order is held */
bit unsure[SALES];              /* nobody can know: power failed on the way to the verdict, say */
#ifdef WRONG_REUSED_NUMBER
bit isPaidByAnother;
#else
#define isPaidByAnother false
#endif
byte crashes = CRASHES, doors = DOORS, dups = DUPS, rollbacks = ROLLBACKS;
#ifdef LOSSES
byte losses = LOSSES;
#define TROUBLE (STORM && losses > 0)
#define SUFFER losses--
#else
#define TROUBLE STORM
#define SUFFER skip
#endif
#if defined(CALM)
bit calm;
#define STORM (!calm)
#elif defined(FUSE)
byte steps;
#define STORM (steps >= FUSE)
#else
#define STORM true
#endif

/* The customer, and the timers behind him, wait until there is money. */
#ifdef PATIENT
#define mayTire(o) (pay[o] != none)
#else
#define mayTire(o) true
#endif

/* Time passes for these too once all trouble has ended: nobody asks for ever. */
#ifdef CALM
#define mayPoll(o) (!calm || pay[o] != none)
#define mayAskAgain(o) (!calm || back[o] != processing)
#else
#define mayPoll(o) true
#define mayAskAgain(o) true
#endif

/* Scratch paper of one step; it is not part of any state. */
hidden mtype aKind, aRun, aWord;
hidden byte anOrder, isStale, isWritten, isTakenBack, isStraggling;

#include "trace.pml"

/* --- What must hold -------------------------------------------------------------------------- */

/* The names of the invariants of the design. They are always false; they make pan's words for a
   broken invariant begin with its name. */
#ifdef ONLY
/* One invariant alone: whatever else a wrong design breaks on its way to that is passed over. */
hidden byte I1 = 1, I2 = 1, I3 = 1, I4 = 1, I5 = 1, I6 = 1, I9 = 1, I10 = 1, I11 = 1, I12 = 1;
#else
hidden byte I1, I2, I3, I4, I5, I6, I9, I10, I11, I12;
#endif

/* Goods and money back: only where nobody can know (the policy's risk), or where the product came
   after the journal had said that it did not. */
#define eitherGoodsOrMoney(o) \
  (!(fell[o] && back[o] != none) || said[o] == noDrop || (unsure[o] && policy == unsureRefund))

/* The relay goes on. */
#define mayPulse(o) \
  assert(I1 || pulses[o] == 0); \
  assert(I2 || pay[o] == right); \
  assert(I12 || !isPaidByAnother); \
  assert(I3 || back[o] == none)

/* The book takes an order for paid. */
#define mayBelieve(o) \
  assert(I6 || pay[o] != none); \
  assert(I5 || pay[o] == right)

/* Money goes back. */
#define mayRefund(o) \
  assert(I11 || refunds[o] == 1); \
  assert(I4 || said[o] != delivered); \
  assert(I3 || eitherGoodsOrMoney(o))

#define isUnfinished(o) \
  (book[o] == opening || book[o] == open || book[o] == closing || book[o] == paid \
   || book[o] == permitted || book[o] == refundOwed || book[o] == refunding \
   || (book[o] == closed && late[o] > 0) || alarming[o])
#define isBusy (want != none)
#ifdef DELAYS
#define nothingIsDelayed (len(delayed) == 0)
#else
#define nothingIsDelayed true
#endif
#ifdef APART
#define isQuiet \
  (len(calls) == 0 && len(answers) == 0 && len(stragglers) == 0 && nothingIsDelayed)
#else
#define isQuiet (len(calls) == 0 && len(answers) == 0 && nothingIsDelayed)
#endif

/* Nothing is under way, and nothing is left to do: every order has its end. */
#if SALES == 1
#define isAtRest \
  (board == idle && owed[0] == none && len(disk) == 0 && isQuiet && telling == 0 \
   && !isBusy && !isUnfinished(0) && moving == 0)
#else
#define isAtRest \
  (board == idle && owed[0] == none && owed[1] == none && len(disk) == 0 && isQuiet \
   && telling == 0 && !isBusy && !isUnfinished(0) && !isUnfinished(1) && moving == 0)
#endif

/* The end of one order, seen from outside: no fourth end, and never two (I3, I11). */
inline judge(o) {
  /* Delivered: the money stays, and something fell, or nobody could see, or nobody can know. */
  assert(I3 || book[o] != delivered || (pay[o] == right
    && ((pulses[o] == 1 && (fell[o] || !sensor)) || (unsure[o] && policy == assumed))));
  assert(I11 || book[o] != delivered || back[o] == none);
  assert(I11 || book[o] != delivered || said[o] == delivered || said[o] == assumed
    || ROLLBACKS > 0);
  /* Refunded: the money is back, once. */
  assert(I11 || book[o] != refunded || (back[o] == arrived && refunds[o] == 1));
  /* Held: a person knows. */
  assert(I3 || book[o] != held || told[o]);
  /* Anything else: nothing was paid, and nothing moved. */
  assert(I3 || book[o] == delivered || book[o] == refunded || book[o] == held
    || (pay[o] == none && pulses[o] == 0));
  assert(I11 || said[o] != delivered || book[o] == delivered || book[o] == held);
  if
  :: book[o] == delivered && fell[o] -> MARK(endsDelivered)
  :: book[o] == delivered && !fell[o] && !sensor -> MARK(endsDeliveredUnseen)
  :: book[o] == delivered && !fell[o] && sensor -> MARK(endsAssumed)
  :: book[o] == refunded && !fell[o] -> MARK(endsRefunded)
  :: book[o] == refunded && fell[o] && unsure[o] -> MARK(endsWithGoodsAndMoneyUnsure)
  :: book[o] == refunded && fell[o] && !unsure[o] -> MARK(endsWithGoodsAndMoneyLateDrop)
  :: book[o] == held -> MARK(endsHeld)
  :: else -> MARK(endsUnpaid)
  fi
}

/* When nothing more can happen. */
proctype Judge() {
  timeout ->
  d_step {
    assert(I10 || isAtRest);
    judge(0);
#if SALES == 2
    judge(1);
#endif
#ifdef REACH
    assert(!isReached);
#endif
    skip
  }
}

#include "board.pml"
#include "core.pml"
#include "world.pml"

init {
  atomic {
    START;
#ifdef ONLY
    ONLY = 0;
#endif
#ifdef SENSOR
    sensor = SENSOR;
#else
    if
    :: sensor = 0
    :: sensor = 1
    fi;
#endif
#ifdef POLICY
    policy = POLICY;
#else
    if
    :: policy = unsureRefund
    :: policy = unsureHold
    :: policy = assumed
    fi;
#endif
    printf("settings sales=%d apart=%d sensor=%d unsure=%e\n", SALES, IS_APART, sensor, policy);
    run Board(); run Clock(); run People(); run Core(); run Provider(); run Payer(); run Lane();
    run Power(); run Judge();
#ifdef APART
    run Line();
#endif
#ifdef CALM
    run Weather();
#endif
  }
}
