// SPDX-License-Identifier: Apache-2.0
// Tables as the database tools print them: aligned, as lists, HTML, CSV or JSON (ovsdb-client(1), "Output
// Formatting Options").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "cli/options.h"
#include "codec/json.h"
#include "codec/json_text.h"
#include "ovsdb/type.h"

namespace weft::cli {

struct TableStyle {
    enum class Format : uint8_t { table, list, html, csv, json };
    enum class Cells : uint8_t { string, bare, json };
    Format format = Format::table;
    Cells cells = Cells::string;
    bool headings = true;
    codec::JsonStyle json = {};
    size_t max_column_width = 0;  ///< of `table`; 0: as wide as needed
};

/// -f, -d, --no-headings, --pretty, --bare, --max-column-width.
void add_table_options(Options& options, TableStyle& style);

/// Value type.
class Table {
  public:
    /// What a cell may hold: nothing, text, a value of the database, or JSON.
    struct DatumCell {
        ovsdb::Datum value;
        ovsdb::ColumnType type;
    };
    using Cell = std::variant<std::monostate, std::string, DatumCell, codec::Json>;

    std::string caption = {};
    std::string timestamp = {};  ///< printed above, if not empty

    void add_column(std::string heading) { headings_.push_back(std::move(heading)); }
    /// A row that is shorter than the headings has empty cells at its end.
    void add_row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
    bool empty() const { return rows_.empty(); }

    std::string to_string(const TableStyle& style) const;
    /// For the formats that are for people, tables that follow another are set off by a blank line.
    static std::string_view separator(const TableStyle& style);

  private:
    std::string cell_text(const Cell& cell, const TableStyle& style) const;
    std::vector<std::vector<std::string>> texts(const TableStyle& style) const;
    std::string print_aligned(const TableStyle& style) const;
    std::string print_list(const TableStyle& style) const;
    std::string print_html(const TableStyle& style) const;
    std::string print_csv(const TableStyle& style) const;
    std::string print_json(const TableStyle& style) const;

    std::vector<std::string> headings_;
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace weft::cli
