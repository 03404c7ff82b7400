// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <algorithm>
#include <charconv>

namespace weft::cli {
namespace {

using codec::Json;
using codec::JsonArray;

/// Characters, not bytes.
size_t width_of(std::string_view text) {
    return static_cast<size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string_view first_characters(std::string_view text, size_t n) {
    size_t at = 0;
    for (; at < text.size(); ++at)
        if ((text[at] & 0xc0) != 0x80 && n-- == 0) break;
    return text.substr(0, at);
}

std::string escape_html(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

constexpr size_t shown_of_uuid = 8;

/// Uuids are shown by their start and lead to the row.
std::string link_uuids(std::string_view text) {
    constexpr size_t uuid_size = 36;
    std::string out;
    size_t plain = 0;
    for (size_t at = 0; at + uuid_size <= text.size();) {
        const auto uuid = text.substr(at, uuid_size);
        if (!Uuid::parse(uuid)) {
            ++at;
            continue;
        }
        out += escape_html(text.substr(plain, at - plain)) + "<a href=\"#" + std::string(uuid) + "\">" +
               std::string(uuid.substr(0, shown_of_uuid)) + "</a>";
        plain = at += uuid_size;
    }
    return out + escape_html(text.substr(plain));
}

/// Where links to the row lead.
std::string anchor(std::string_view uuid) {
    return "<a name=\"" + escape_html(uuid) + "\">" + escape_html(uuid.substr(0, shown_of_uuid)) + "</a>";
}

std::string quote_csv(const std::string& text) {
    if (text.find_first_of("\",\r\n") == text.npos) return text;
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + "\"";
}

Json cell_json(const Table::Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell)) return *text;
    if (const auto* datum = std::get_if<Table::DatumCell>(&cell)) return datum->value.to_json(datum->type);
    if (const auto* json = std::get_if<Json>(&cell)) return *json;
    return {};
}

Result<> set_format(TableStyle& style, const std::string& name) {
    using Format = TableStyle::Format;
    constexpr std::pair<std::string_view, Format> formats[] = {{"table", Format::table},
                                                               {"list", Format::list},
                                                               {"html", Format::html},
                                                               {"csv", Format::csv},
                                                               {"json", Format::json}};
    for (const auto& [text, format] : formats) {
        if (text != name) continue;
        style.format = format;
        return {};
    }
    return fail("unknown output format \"" + name + "\"");
}

Result<> set_cells(TableStyle& style, const std::string& name) {
    using Cells = TableStyle::Cells;
    constexpr std::pair<std::string_view, Cells> kinds[] = {
        {"string", Cells::string}, {"bare", Cells::bare}, {"json", Cells::json}};
    for (const auto& [text, cells] : kinds) {
        if (text != name) continue;
        style.cells = cells;
        return {};
    }
    return fail("unknown data format \"" + name + "\"");
}

}  // namespace

void add_table_options(Options& options, TableStyle& style) {
    using Argument = Options::Argument;
    options.add(
        {"format", 'f', Argument::required, [&style](Options::Value v) { return set_format(style, *v); }});
    options.add(
        {"data", 'd', Argument::required, [&style](Options::Value v) { return set_cells(style, *v); }});
    options.flag("no-headings", style.headings, false);
    options.flag("pretty", style.json.pretty);
    options.add({"bare", 0, Argument::none, [&style](Options::Value) -> Result<> {
                     style.format = TableStyle::Format::list;
                     style.cells = TableStyle::Cells::bare;
                     style.headings = false;
                     return {};
                 }});
    options.add({"max-column-width", 0, Argument::required, [&style](Options::Value v) -> Result<> {
                     style.max_column_width = 0;  // what is no number sets no limit
                     std::from_chars(v->data(), v->data() + v->size(), style.max_column_width);
                     return {};
                 }});
}

std::string_view Table::separator(const TableStyle& style) {
    const bool for_people =
        style.format != TableStyle::Format::html && style.format != TableStyle::Format::json;
    return for_people ? "\n" : "";
}

std::string Table::to_string(const TableStyle& style) const {
    switch (style.format) {
        case TableStyle::Format::table:
            return print_aligned(style);
        case TableStyle::Format::list:
            return print_list(style);
        case TableStyle::Format::html:
            return print_html(style);
        case TableStyle::Format::csv:
            return print_csv(style);
        case TableStyle::Format::json:
            return print_json(style);
    }
    std::unreachable();
}

std::string Table::cell_text(const Cell& cell, const TableStyle& style) const {
    if (std::holds_alternative<std::monostate>(cell)) return {};
    if (const auto* text = std::get_if<std::string>(&cell)) return *text;
    if (const auto* datum = std::get_if<DatumCell>(&cell)) {
        if (style.cells == TableStyle::Cells::string) return datum->value.to_text(datum->type);
        if (style.cells == TableStyle::Cells::bare) return datum->value.to_bare();
    }
    return codec::format_json(cell_json(cell));
}

/// The cells, every row as long as the headings.
std::vector<std::vector<std::string>> Table::texts(const TableStyle& style) const {
    std::vector<std::vector<std::string>> out;
    for (const auto& row : rows_) {
        auto& line = out.emplace_back();
        for (const auto& cell : row) line.push_back(cell_text(cell, style));
        line.resize(headings_.size());
    }
    return out;
}

namespace {

std::string above(const Table& table) {
    std::string out;
    if (!table.timestamp.empty()) out += table.timestamp + "\n";
    if (!table.caption.empty()) out += table.caption + "\n";
    return out;
}

/// One line of an aligned table, without blanks at its end.
void append_aligned(std::string& out, const std::vector<std::string>& line,
                    const std::vector<size_t>& widths) {
    size_t blanks = 0;
    for (size_t i = 0; i < line.size(); ++i) {
        if (i > 0) ++blanks;
        const auto shown = first_characters(line[i], widths[i]);
        if (!shown.empty()) out += std::string(std::exchange(blanks, 0), ' ') + std::string(shown);
        blanks += widths[i] - width_of(shown);
    }
    out += '\n';
}

}  // namespace

std::string Table::print_aligned(const TableStyle& style) const {
    const auto lines = texts(style);
    std::vector<size_t> widths(headings_.size(), 0);
    for (size_t i = 0; i < headings_.size(); ++i) {
        for (const auto& line : lines) widths[i] = std::max(widths[i], width_of(line[i]));
        if (style.max_column_width > 0) widths[i] = std::min(widths[i], style.max_column_width);
        if (style.headings) widths[i] = std::max(widths[i], width_of(headings_[i]));
    }
    std::string out = above(*this);
    if (style.headings) {
        append_aligned(out, headings_, widths);
        std::vector<std::string> rule;
        for (const size_t width : widths) rule.emplace_back(width, '-');
        append_aligned(out, rule, widths);
    }
    for (const auto& line : lines) append_aligned(out, line, widths);
    return out;
}

std::string Table::print_list(const TableStyle& style) const {
    std::string out = above(*this);
    constexpr size_t name_width = 20;
    bool first = true;
    for (const auto& line : texts(style)) {
        if (!std::exchange(first, false)) out += '\n';
        for (size_t i = 0; i < line.size(); ++i) {
            if (style.headings) {
                const size_t width = width_of(headings_[i]);
                out += headings_[i] + std::string(width < name_width ? name_width - width : 0, ' ') + ": ";
            }
            out += line[i] + '\n';
        }
    }
    return out;
}

std::string Table::print_html(const TableStyle& style) const {
    std::string out = timestamp.empty() ? "" : timestamp + "\n";
    out += "<table border=1>\n";
    if (!caption.empty()) out += "    <caption>" + escape_html(caption) + "</caption>\n";
    if (style.headings) {
        out += "  <tr>\n";
        for (const auto& heading : headings_) out += "    <th>" + escape_html(heading) + "</th>\n";
        out += "  </tr>\n";
    }
    for (const auto& line : texts(style)) {
        out += "  <tr>\n";
        for (size_t i = 0; i < line.size(); ++i)
            out += "    <td>" + (headings_[i] == "_uuid" ? anchor(line[i]) : link_uuids(line[i])) + "</td>\n";
        out += "  </tr>\n";
    }
    return out + "</table>\n";
}

std::string Table::print_csv(const TableStyle& style) const {
    std::string out = above(*this);
    const auto append = [&out](const std::vector<std::string>& line) {
        for (size_t i = 0; i < line.size(); ++i) out += (i > 0 ? "," : "") + quote_csv(line[i]);
        out += '\n';
    };
    if (style.headings) append(headings_);
    for (const auto& line : texts(style)) append(line);
    return out;
}

std::string Table::print_json(const TableStyle& style) const {
    JsonArray data;
    for (const auto& row : rows_) {
        JsonArray line;
        for (const auto& cell : row) line.push_back(cell_json(cell));
        line.resize(headings_.size());
        data.emplace_back(std::move(line));
    }
    codec::JsonObject out;
    if (!caption.empty()) out.set("caption", caption);
    out.set("data", std::move(data));
    out.set("headings", JsonArray(headings_.begin(), headings_.end()));
    if (!timestamp.empty()) out.set("time", timestamp);
    return codec::format_json(out, style.json) + "\n";
}

}  // namespace weft::cli
