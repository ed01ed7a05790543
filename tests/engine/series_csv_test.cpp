// Tables as people have them: what is recognised, what is said, and that no bytes break the reader.
#include "engine/tasks/series_csv.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/base/number.h"
#include "engine/base/random.h"

using namespace unroll;

namespace {

CsvTable table_of(std::string_view text, const CsvChoices& choices = {}) {
  auto table = read_csv(text, choices);
  INFO(text);
  REQUIRE(static_cast<bool>(table));
  return *table;
}

/// Values as text: "1234.5 – 7.25"; what is missing is a dash.
std::string values_text(const CsvTable& table, int column = -1) {
  if (column < 0) column = table.first_numbers();
  if (column < 0 || static_cast<size_t>(column) >= table.columns.size()) return "no such column";
  std::string text;
  for (const double value : table.columns[static_cast<size_t>(column)].values)
    text += (text.empty() ? "" : " ") + (std::isnan(value) ? "-" : shown(value));
  return text;
}

const CsvFinding& finding(const CsvTable& table, std::string_view what) {
  for (const CsvFinding& one : table.findings)
    if (one.what == what) return one;
  FAIL("no finding about " << what);
  return table.findings[0];
}

bool notes_hold(const CsvTable& table, std::string_view part) {
  for (const std::string& note : table.notes)
    if (note.find(part) != note.npos) return true;
  return false;
}

}  // namespace

TEST_CASE("a German table: semicolons, decimal comma, points between thousands, an empty cell") {
  const CsvTable table = table_of("Datum;Wert\n01.02.2024;1.234,5\n02.02.2024;\n03.02.2024;7,25\n");
  CHECK(values_text(table) == "1234.5 - 7.25");
  CHECK(table.separator == ';');
  CHECK(table.decimal == ',');
  CHECK(table.thousands == '.');
  CHECK(table.header);
  CHECK(table.columns[1].name == "Wert");
  CHECK(table.columns[1].missing == 1);
  CHECK(table.dates == DateForm::dmy);
  CHECK(table.axis.label(0) == "Thu 1 Feb 2024");
  CHECK(finding(table, "Separator").found == "semicolon");
  CHECK(finding(table, "Separator").why == "4 of 4 lines have 1 of them");
  CHECK(finding(table, "Decimal mark").found == "comma, thousands marked by a point");
  CHECK(finding(table, "Time step").found == "day");
}

TEST_CASE("numbers as people write them") {
  const auto number = [](std::string_view cell, char decimal) {
    return read_cell_number(cell, decimal).value_or(-777);
  };
  CHECK(number("1.000,92", ',') == 1000.92);
  CHECK(number("3,505", '.') == 3505);
  CHECK(number("3,505", ',') == 3.505);
  CHECK(number("1 234 567.5", '.') == 1234567.5);
  CHECK(number("1\xc2\xa0"
               "234,5",
               ',') == 1234.5);
  CHECK(number("1'234.5", '.') == 1234.5);
  CHECK(number("-.5", '.') == -0.5);
  CHECK(number("\xe2\x88\x92"
               "3",
               '.') == -3);
  CHECK(number("(12.5)", '.') == -12.5);
  CHECK(number("$1,234.50", '.') == 1234.5);
  CHECK(number("-$5", '.') == -5);
  CHECK(number("12 %", '.') == 12);
  CHECK(number("7 \xe2\x82\xac", ',') == 7);
  CHECK(number("1e-3", '.') == 0.001);
  CHECK(number("1,5E3", ',') == 1500);
  for (const std::string_view missing :
       {"", "  ", "NA", "n/a", "NaN", "null", "-", ".", "#N/A", "\xe2\x80\x93"}) {
    INFO(missing);
    const auto value = read_cell_number(missing, '.');
    REQUIRE(value.has_value());
    CHECK(std::isnan(*value));
  }
  for (const std::string_view none :
       {"abc", "1.2.3", "12,34", "1,23,456", "1e", "--5", "0x10", "inf", "1 23", "5 apples", "$", "1e999"}) {
    INFO(none);
    CHECK_FALSE(read_cell_number(none, '.').has_value());
  }
}

TEST_CASE("dates as people write them") {
  const auto label = [](std::string_view text, DateForm form) {
    const auto moment = read_date(text, form);
    return moment ? TimeAxis{{TimeStep::Unit::second, 60}, *moment, {}}.label(0) : std::string("none");
  };
  const std::string day = "Thu 1 Feb 2024 00:00";
  CHECK(label("2024-02-01", DateForm::ymd) == day);
  CHECK(label("20240201", DateForm::ymd) == day);
  CHECK(label("2024/2/1", DateForm::ymd) == day);
  CHECK(label("1.2.24", DateForm::dmy) == day);
  CHECK(label("1. Feb. 2024", DateForm::dmy) == day);
  CHECK(label("01-Feb-2024", DateForm::dmy) == day);
  CHECK(label("2/1/2024", DateForm::mdy) == day);
  CHECK(label("February 1, 2024", DateForm::mdy) == day);
  CHECK(label("2024-02", DateForm::ym) == day);
  CHECK(label("2024M02", DateForm::ym) == day);
  CHECK(label("02/2024", DateForm::my) == day);
  CHECK(label("Feb-24", DateForm::my) == day);
  CHECK(label("2024-Q1", DateForm::quarter) == "Mon 1 Jan 2024 00:00");
  CHECK(label("Q4 1999", DateForm::quarter) == "Fri 1 Oct 1999 00:00");
  CHECK(label("1700", DateForm::year) == "Fri 1 Jan 1700 00:00");
  CHECK(label("2024-02-01T13:30:00Z", DateForm::ymd) == "Thu 1 Feb 2024 13:30");
  CHECK(label("2024-02-01 13:30:05.250+01:00", DateForm::ymd) == "Thu 1 Feb 2024 13:30:05");
  CHECK(label("2/1/2024 1:30 PM", DateForm::mdy) == "Thu 1 Feb 2024 13:30");
  CHECK(label("2/1/2024 12:05 a.m.", DateForm::mdy) == "Thu 1 Feb 2024 00:05");
  for (const std::string_view none :
       {"31.4.2024", "29.2.2023", "1.13.2024", "0.1.2024", "1.2", "hello", "1.2.2024 25:00", "1.2.2024x"}) {
    INFO(none);
    CHECK(label(none, DateForm::dmy) == "none");
  }
  CHECK(label("29.2.2024", DateForm::dmy) == "Thu 29 Feb 2024 00:00");
}

TEST_CASE("every day from 1600 to 2400 is itself again") {
  int64_t wrong = 0;
  for (int64_t days = days_from_civil(1600, 1, 1); days < days_from_civil(2400, 1, 1); ++days) {
    const CivilDate date = civil_from_days(days);
    wrong +=
        days_from_civil(date.year, date.month, date.day) != days || !is_date(date.year, date.month, date.day);
  }
  CHECK(wrong == 0);
}

TEST_CASE("a quoted number has a comma between its thousands where commas separate") {
  const CsvTable table = table_of("Month,Sales\n2024-01,\"3,505\"\n2024-02,\"12,010\"\n2024-03,\"980\"\n");
  CHECK(values_text(table) == "3505 12010 980");
  CHECK(table.separator == ',');
  CHECK(table.thousands == ',');
  CHECK(table.dates == DateForm::ym);
  CHECK(finding(table, "Time step").found == "month");
  CHECK(values_text(table_of("Sales\n\"3,505\"\n\"12,010\"\n")) == "3505 12010");
}

TEST_CASE("a cell in quotes may hold separators, quotes and line breaks") {
  const CsvTable table =
      table_of("when,\"value, \"\"net\"\"\nin tons\",who\n2024,5,\"a\nb\"\n2025,6,c\n2026,7,d\n");
  CHECK(table.columns[1].name == "value, \"net\"\\nin tons");
  CHECK(values_text(table) == "5 6 7");
  CHECK(table.columns[2].kind == CsvColumn::Kind::text);
  CHECK(table.axis.label(3) == "2027");
}

TEST_CASE("a byte-order mark, CRLF, blank lines and comments change nothing") {
  const CsvTable plain = table_of("t,x\n2024-01-01,1\n2024-01-02,2\n");
  const CsvTable mess =
      table_of("\xef\xbb\xbft,x\r\n\r\n# made by a meter\r\n2024-01-01,1\r\n , \r\n2024-01-02,2\r\n\r\n");
  CHECK(mess.columns[0].name == "t");
  CHECK(values_text(mess) == values_text(plain));
  CHECK(notes_hold(mess, "blank lines were left out"));
  CHECK(notes_hold(mess, "1 line begins with #"));
}

TEST_CASE("rows that are not there are gaps, never 0") {
  const CsvTable table =
      table_of("d;x\n2024-01-01;1\n2024-01-02;2\n2024-01-05;5\n2024-01-06;NA\n2024-01-07;7\n");
  CHECK(values_text(table) == "1 2 - - 5 - 7");
  CHECK(table.length == 7);
  CHECK(table.rows == 5);
  CHECK(table.columns[1].missing == 3);
  CHECK(finding(table, "Time step").why == "2 rows are not there and counted as missing");
}

TEST_CASE("months, trading days, half hours and years are known as what they are") {
  CHECK(finding(table_of("d,x\n31.01.2024,1\n29.02.2024,2\n31.03.2024,3\n"), "Time step").found == "month");
  CHECK(finding(
            table_of(
                "d,x\n2024-03-07,1\n2024-03-08,2\n2024-03-11,3\n2024-03-12,4\n2024-03-14,5\n2024-03-15,6\n"),
            "Time step")
            .found == "trading day");
  CHECK(finding(table_of("d;x\n2000-06-05 00:00;1\n2000-06-05 00:30;2\n2000-06-05 01:00;3\n"), "Time step")
            .found == "30 minutes");
  CHECK(finding(table_of("1700 5\n1701 11\n1702 16\n"), "Time step").found == "year");
  CHECK(finding(table_of("q;x\n2020Q1;5\n2020Q2;4\n2020Q3;3\n"), "Time step").found == "quarter");
  const CsvTable table = table_of("Date,Time,kW\n1/31/2024,23:30,4\n2/1/2024,00:00,5\n2/1/2024,00:30,6\n");
  CHECK(table.time_column == 1);
  CHECK(values_text(table) == "4 5 6");
  CHECK(table.axis.label(1) == "Thu 1 Feb 2024 00:00");
  // Over a weekend and back.
  const TimeAxis days{{TimeStep::Unit::weekday, 1}, days_from_civil(2024, 3, 7) * 86400, {}};
  CHECK(days.label(0) == "Thu 7 Mar 2024");
  CHECK(days.label(2) == "Mon 11 Mar 2024");
  CHECK(days.label(-4) == "Fri 1 Mar 2024");
}

TEST_CASE("day or month first: decided where one cell decides, said where none does") {
  CHECK(table_of("d,x\n11/12/2024,1\n12/12/2024,2\n13/12/2024,3\n").dates == DateForm::dmy);
  CHECK(table_of("d,x\n12/11/2024,1\n12/12/2024,2\n12/13/2024,3\n").dates == DateForm::mdy);
  // Regular as months, not as days.
  CHECK(table_of("d,x\n01/11/2024,1\n01/12/2024,2\n01/01/2025,3\n").dates == DateForm::dmy);
  const CsvTable unsure = table_of("d,x\n01/02/2024,1\n02/02/2024,2\n");
  CHECK_FALSE(finding(unsure, "Dates").sure);
  CHECK(finding(unsure, "Dates").why.find("would fit, too") != std::string::npos);
}

TEST_CASE("the newest row first, rows out of order, and dates that come twice") {
  const CsvTable newest = table_of("d,x\n2024-01-03,3\n2024-01-02,2\n2024-01-01,1\n");
  CHECK(values_text(newest) == "1 2 3");
  CHECK(notes_hold(newest, "turned round"));
  const CsvTable mixed = table_of("d,x\n2024-01-02,2\n2024-01-01,1\n2024-01-03,3\n2024-01-02,9\n");
  CHECK(values_text(mixed) == "1 9 3");
  CHECK(notes_hold(mixed, "order of their dates"));
  CHECK(notes_hold(mixed, "line 2"));
}

TEST_CASE("titles above, sources below, and rows too short or too long are told") {
  const CsvTable table = table_of(
      "Sales of shop 7\nin "
      "euros\nd;a;b\n2024-01-01;1;2\n2024-01-02;3\n2024-01-03;5;6;7\n2024-01-04;7;8\n2024-01-05;9;9\nSource: "
      "the till\n");
  CHECK(values_text(table, 1) == "1 3 5 7 9");
  CHECK(values_text(table, 2) == "2 - 6 8 9");
  CHECK(notes_hold(table, "no part of the table: lines 1, 2, 9"));
  CHECK(notes_hold(table, "Too few cells, the rest counts as missing: line 5"));
  CHECK(notes_hold(table, "Too many cells, those behind the last column are not used: line 6"));
}

TEST_CASE("one column, with and without a header, with either mark") {
  CHECK(values_text(table_of("1\n2\n4\n7\n11\n")) == "1 2 4 7 11");
  CHECK(values_text(table_of("Wert\n3,14\n2,71\n1,41\n")) == "3.14 2.71 1.41");
  CHECK(values_text(table_of("3.5\n\n2.5\n")) == "3.5 2.5");
  CHECK(values_text(table_of("1 234\n5 678\n")) == "1234 5678");
  const CsvTable pairs = table_of("1,5\n2,7\n3,2\n");
  CHECK(pairs.separator == ',');
  CHECK_FALSE(finding(pairs, "Separator").sure);
  CHECK(values_text(pairs) == "5 7 2");  // the first column counts the rows
  CHECK(pairs.columns[0].kind == CsvColumn::Kind::row_number);
  CHECK(values_text(table_of("1\n2\n3\n")) == "1 2 3");
}

TEST_CASE("tabs, bars, blanks, and the line by which spreadsheets say their separator") {
  CHECK(values_text(table_of("d\tx\n2024-01-01\t1,5\n2024-01-02\t2,5\n")) == "1.5 2.5");
  CHECK(values_text(table_of("d|x\n2024-01-01|1.5\n2024-01-02|2.5\n")) == "1.5 2.5");
  CHECK(values_text(table_of("2024-01-01   1.5\n2024-01-02  -2.5\n")) == "1.5 -2.5");
  const CsvTable named = table_of("sep=;\nx;y\n1,5;3\n2,5;x\n");
  CHECK(finding(named, "Separator").why == "the first line says so");
  CHECK(values_text(named) == "1.5 2.5");
  CHECK(named.columns[1].problems[0].line == 4);
}

TEST_CASE("a cell that is no number is told with its line and column") {
  const CsvTable table = table_of("d;x\n2024-01-01;1\n2024-01-02;2\n2024-01-03;two\n2024-01-04;4\n");
  REQUIRE(table.columns[1].problems.size() == 1);
  CHECK(table.columns[1].problems[0].line == 4);
  CHECK(table.columns[1].problems[0].column == 2);
  CHECK(table.columns[1].problems[0].cell == "two");
  const CsvTable coded = table_of("x\n5\n-999\n6\n");
  CHECK(notes_hold(coded, "\"x\" holds -999 1 time"));
}

TEST_CASE("a column has a name of its own, and is found by name or number") {
  const CsvTable table = table_of("d;x;x;\n2024-01-01;1;2;3\n2024-01-02;1;2;3\n");
  CHECK(table.columns[2].name == "x (2)");
  CHECK(table.columns[3].name == "column 4");
  CHECK(table.find("X") == 1);
  CHECK(table.find("3") == 2);
  CHECK(table.find("y") == -1);
  CHECK(table_of("d;x;\n2024-01-01;1;\n2024-01-02;1;\n").columns.size() ==
        2);  // a mark at the end of each line
}

TEST_CASE("what the caller chooses counts") {
  const std::string text = "01/02/2024;1.234\n02/02/2024;5.678\n";
  CHECK(values_text(table_of(text)) == "1.234 5.678");
  CHECK_FALSE(finding(table_of(text), "Decimal mark").sure);
  CHECK(values_text(table_of(text, {.decimal = ','})) == "1234 5678");
  CHECK(table_of(text, {.dates = DateForm::dmy}).axis.label(0) == "Thu 1 Feb 2024");
  CHECK(finding(table_of(text, {.dates = DateForm::dmy}), "Dates").why.find("as chosen") !=
        std::string::npos);
  CHECK(table_of(text, {.dates = DateForm::none}).date_column == -1);
  CHECK(values_text(table_of(text, {.header = true})) == "5.678");
  CHECK(table_of(text, {.separator = '|'}).columns.size() == 1);
  CHECK(values_text(table_of("3,14\n2,71\n", {.separator = ','})) == "3 2");
  const auto no_column = read_csv(text, {.date_column = 7});
  REQUIRE_FALSE(static_cast<bool>(no_column));
  CHECK(no_column.error().what == "there is no column 8 for the dates");
  const CsvTable wrong = table_of(text, {.dates = DateForm::quarter});
  CHECK(wrong.columns[0].problem_count == 2);
}

TEST_CASE("Latin-1 is read and told; errors say the line and what to do") {
  const CsvTable latin = table_of(
      "Stra\xdf"
      "e;Z\xe4hler\n2024-01-01;5\n2024-01-02;6\n");
  CHECK(latin.columns[1].name == "Z\xc3\xa4hler");
  CHECK(notes_hold(latin, "Latin-1"));
  const auto open = read_csv("a;b\n1;\"2\n3;4\n");
  REQUIRE_FALSE(static_cast<bool>(open));
  CHECK(open.error().text() ==
        "line 2: a quotation mark is opened and never closed (close it, or double it where it belongs to the "
        "text)");
  CHECK_FALSE(static_cast<bool>(read_csv("")));
  CHECK_FALSE(static_cast<bool>(read_csv("\n\n  \n")));
  CHECK_FALSE(static_cast<bool>(read_csv(std::string(CsvLimits::rows + 1, 'x').append("\n") + [] {
    std::string many;
    for (size_t i = 0; i <= CsvLimits::rows; ++i) many += "1\n";
    return many;
  }())));
  CHECK_FALSE(static_cast<bool>(read_csv(std::string(1000, ';'), {.separator = ';'})));
  CHECK_FALSE(
      static_cast<bool>(read_csv(std::string_view("1\0"
                                                  "2\n",
                                                  4))));
}

TEST_CASE("no bytes break the reader") {
  // Pieces of tables in any order, so that every branch is met; and bytes at random.
  static constexpr std::string_view pieces[] = {
      ";",        ",",        "\t",   "|",   " ",    "\"",         "\"\"",
      "\n",       "\r\n",     "\n\n", "1",   "2024", "2024-01-01", "01.02.2024",
      "1/2/2024", "12:30",    "Q1",   "Jan", "NA",   "-",          ".",
      "1.234,5",  "1,234.5",  "1e9",  "x",   "#",    "sep=;\n",    "\xef\xbb\xbf",
      "\xff",     "\xc3\xa4", "%",    "(",   ")",    "9999999999", "-999"};
  Random random(7);
  size_t read = 0;
  for (int run = 0; run < 3000; ++run) {
    std::string text;
    const uint32_t length = random.below(60);
    for (uint32_t i = 0; i < length; ++i)
      run % 4 == 0 ? void(text += static_cast<char>(random.below(256)))
                   : void(text += pieces[random.below(std::size(pieces))]);
    CsvChoices choices;
    if (run % 3 == 0) choices.separator = ",;\t| \0"[random.below(6)];
    if (run % 5 == 0) choices.dates = static_cast<DateForm>(random.below(8));
    if (run % 7 == 0) choices.date_column = static_cast<int>(random.below(4));
    if (run % 11 == 0) choices.header = random.below(2) == 0;
    const auto table = read_csv(text, choices);
    if (!table) {
      CHECK_FALSE(table.error().what.empty());
      continue;
    }
    ++read;
    CHECK(table->findings.size() == 5);
    for (const CsvColumn& column : table->columns) {
      if (column.kind != CsvColumn::Kind::number) continue;
      CHECK(column.values.size() == table->length);
      for (const double value : column.values) CHECK_FALSE(std::isinf(value));
    }
    for (size_t i = 0; i < table->length && i < 5; ++i)
      CHECK_FALSE(table->axis.label(static_cast<int64_t>(i)).empty());
  }
  CHECK(read > 1000);
}
