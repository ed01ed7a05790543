// The tasks, in the order of menus: to add one, write its file and a line here. Each line NAME stands for a TaskKind
// NAME_kind and a function create_NAME, as create_task (task.h), both defined in the task's file. Included where the
// list is needed, with UNROLL_TASK defined.
// NOLINTBEGIN
UNROLL_TASK(text)
UNROLL_TASK(adding)
UNROLL_TASK(copying)
UNROLL_TASK(temporal_order)
UNROLL_TASK(reber)
UNROLL_TASK(parity)
UNROLL_TASK(dyck)
UNROLL_TASK(echo)
UNROLL_TASK(digits)
UNROLL_TASK(series)
UNROLL_TASK(negation)
UNROLL_TASK(sentiment)
UNROLL_TASK(numbers)
UNROLL_TASK(dates)
UNROLL_TASK(sums)
UNROLL_TASK(phrases)
UNROLL_TASK(pairs)
UNROLL_TASK(pen)
UNROLL_TASK(words)
UNROLL_TASK(spoken)
UNROLL_TASK(strings)
UNROLL_TASK(writing)
// NOLINTEND
