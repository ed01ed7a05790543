// The endless texts, in the order of menus: to add one, write its file and a line here. Each line NAME stands for a
// Generator NAME_generator. Included where the list is needed, with UNROLL_GENERATOR defined.
// NOLINTBEGIN
UNROLL_GENERATOR(tale)
UNROLL_GENERATOR(recall)
UNROLL_GENERATOR(copy)
UNROLL_GENERATOR(brackets)
UNROLL_GENERATOR(quotes)
UNROLL_GENERATOR(arithmetic)
UNROLL_GENERATOR(names)
// NOLINTEND
