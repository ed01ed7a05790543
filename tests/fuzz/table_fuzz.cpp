// A table of numbers as people have it (series_csv.h): any bytes are read or told, whatever of it the caller corrects.
#include "engine/tasks/series_csv.h"
#include "tests/fuzz/fuzz.h"

namespace unroll::fuzz {

std::vector<std::string> seeds() {
  return {
      "Datum;Wert\n01.02.2024;1.234,5\n02.02.2024;\n03.02.2024;7,25\n",
      "date,value,other\n2020-01-01,1.5,\"3,505\"\n2020-01-02,2.5,NA\n2020-01-04,3e2,(12)\n",
      "1\n2\n4\n7\n11\n",
      "time\ttemp\n2021-03-04 00:00\t-3\n2021-03-04 00:30\t 1 234.5\n2021-03-04 01:30\t12 %\n",
      "Year Month Passengers\n1949 1 112\n1949 2 118\n1949 3 132\n",
      "\xef\xbb\xbf\"a\";\"b\"\r\n\"1\";\"2\"\r\n\"3\n4\";\"5\"\r\n",
  };
}

void try_input(std::string_view bytes) {
  for (const CsvChoices& choices : {CsvChoices{}, CsvChoices{.separator = ';', .decimal = ','},
                                    CsvChoices{.header = true, .date_column = 1}}) {
    const auto table = read_csv(bytes, choices);
    if (!table) {
      require_told(table.error().text());
      continue;
    }
    require(table->columns.size() <= CsvLimits::columns && !table->findings.empty());
    require(table->first_numbers() < static_cast<int>(table->columns.size()));
    for (const CsvColumn& column : table->columns) {
      require(!column.name.empty());
      if (column.kind == CsvColumn::Kind::number) require(column.values.size() == table->length);
      require(column.problems.size() <= CsvLimits::problems &&
              column.problem_count >= column.problems.size());
    }
  }
}

}  // namespace unroll::fuzz
