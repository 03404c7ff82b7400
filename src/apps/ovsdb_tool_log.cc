// SPDX-License-Identifier: Apache-2.0
// ovsdb-tool show-log: what happened to a database, record by record.
#include <ctime>
#include <map>

#include "apps/ovsdb_tool_commands.h"
#include "codec/json_text.h"
#include "ovsdb/log_record.h"
#include "store/log_file.h"

namespace weft::apps::ovsdb_tool {
namespace {

using codec::Json;

/// "2026-11-21 03:33:07.469"; early databases counted seconds.
std::string format_date(int64_t date) {
    const int64_t ms = date < int64_t{1} << 32 ? date * 1000 : date;
    const std::time_t seconds = ms / 1000;
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    char text[64], out[80];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &utc);
    std::snprintf(out, sizeof out, "%s.%03d", text, static_cast<int>(ms % 1000));
    return out;
}

class LogPrinter {
  public:
    LogPrinter(ovsdb::SchemaPtr schema, int more) : schema_(std::move(schema)), more_(more) {}

    void header() {
        out_ = "record 0: \"" + schema_->name + "\" schema, version=\"" + schema_->version + "\", cksum=\"" +
               schema_->cksum + "\"\n\n";
    }
    void record(size_t number, const Json& record) {
        out_ += "record " + std::to_string(number) + ":";
        if (const Json* date = record.find("_date"); date && date->integer())
            out_ += " " + format_date(*date->integer());
        if (const Json* comment = record.find("_comment"); comment && comment->string())
            out_ += " \"" + *comment->string() + "\"";
        out_ += '\n';
        const Json* diff = record.find("_is_diff");
        is_diff_ = diff && diff->boolean() && *diff->boolean();
        if (record.object())
            for (const auto& member : *record.object())
                if (!member.key.starts_with('_')) table(member.key, member.value);
        if (more_ > 0) out_ += '\n';
    }
    std::string take() { return std::move(out_); }

  private:
    void table(const std::string& name, const Json& rows) {
        const ovsdb::TableSchema* schema = schema_->find(name);
        if (!rows.object()) return;
        for (const auto& [uuid, row] : *rows.object()) one_row(name, schema, uuid, row);
    }
    void one_row(const std::string& table, const ovsdb::TableSchema* schema, const std::string& uuid,
                 const Json& row) {
        auto& names = names_[table];
        const std::string brief = uuid.substr(0, 8);
        const bool is_new = !names.contains(uuid);
        if (const Json* name = row.find("name"); name && name->string())
            names[uuid] = "\"" + *name->string() + "\"";
        else if (is_new)
            names[uuid] = "";
        if (more_ > 0) {
            const std::string& name = names[uuid];
            const std::string shown = name.empty() ? brief : name + " (" + brief + ")";
            const std::string again = name.empty() ? brief + " (" + brief + ")" : shown;
            out_ +=
                "  table " + table +
                (is_new ? " insert row " + shown + ":\n" : " row " + again + (is_diff_ ? " diff:\n" : ":\n"));
            if (row.is_null()) out_ += "    delete row\n";
            if (more_ > 1 && row.object())
                for (const auto& [column, value] : *row.object()) one_column(schema, column, value);
        }
        if (row.is_null()) names.erase(uuid);
    }
    void one_column(const ovsdb::TableSchema* schema, const std::string& name, const Json& value) {
        const ovsdb::ColumnSchema* column = schema ? schema->find(name) : nullptr;
        const auto datum = column ? parse_diff(value, column->type) : ovsdb::op_error("", "");
        out_ +=
            "    " + name + "=" + (datum ? datum->to_text(column->type) : codec::format_json(value)) + "\n";
    }

    ovsdb::SchemaPtr schema_;
    int more_;
    bool is_diff_ = false;
    std::string out_;
    std::map<std::string, std::map<std::string, std::string>> names_;  ///< of rows, by table and uuid
};

}  // namespace

Result<Done> show_log(Context& c, Args args) {
    const std::string path = args.empty() ? c.default_database : args[0];
    if (TRY(clustered_name(c, path))) return needs_cluster(c, args);
    const std::string contents = TRY(c.disk.read(path));
    store::LogReader reader(contents, path);
    const auto first = TRY(reader.next());
    if (!first) return fail("ovsdb error: " + path + ": cannot identify file type");
    auto schema = ovsdb::parse_schema(*first);
    if (!schema) return std::unexpected(schema.error().to_error());
    LogPrinter printer(*schema, c.more);
    printer.header();
    for (size_t n = 1;; ++n) {
        const auto record = reader.next();
        if (!record) {
            std::fprintf(stderr, "ovsdb-tool: %s\n", record.error().message.c_str());
            return Done{printer.take(), 1};
        }
        if (!*record) return Done{printer.take()};
        printer.record(n, **record);
    }
}

}  // namespace weft::apps::ovsdb_tool
