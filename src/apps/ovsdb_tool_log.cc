// SPDX-License-Identifier: Apache-2.0
// ovsdb-tool show-log: what happened to a database, record by record.
#include <ctime>
#include <map>
#include <optional>

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

/// What transactions say, one after the other.
class LogPrinter {
  public:
    explicit LogPrinter(int more) : more_(more) {}

    /// A new one: what is known of rows is forgotten.
    void set_schema(ovsdb::SchemaPtr schema) {
        schema_ = std::move(schema);
        names_.clear();
    }
    /// The rest of the line, and below it the tables.
    void transaction(const Json& record) {
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
    }
    void text(const std::string& text) { out_ += text; }
    void end_record() {
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

std::string version_of(const ovsdb::Schema& schema) {
    return "version=\"" + schema.version + "\", cksum=\"" + schema.cksum + "\"";
}

Result<> show_standalone(const std::string& contents, const std::string& path, LogPrinter& out) {
    store::LogReader reader(contents, path);
    auto schema = ovsdb::parse_schema(TRY(reader.first()));
    if (!schema) return std::unexpected(schema.error().to_error());
    out.text("record 0: \"" + (*schema)->name + "\" schema, " + version_of(**schema) + "\n\n");
    out.set_schema(*schema);
    for (size_t n = 1;; ++n) {
        const auto record = TRY(reader.next());
        if (!record) return {};
        out.text("record " + std::to_string(n) + ":");
        out.transaction(*record);
        out.end_record();
    }
}

/// The records of one server of a cluster (ovsdb(5), "Clustered Format").
class RaftPrinter {
  public:
    explicit RaftPrinter(LogPrinter& out) : out_(out) {}

    template <class Record>
    Result<> show(const Result<Record>& record) {
        if (record) return one(*record);
        out_.text(record.error().message + "\n\n");
        return {};
    }

  private:
    Result<> one(const store::RaftHeader& h) {
        line("name: \"" + h.name + "'");
        line("local address: \"" + h.local_address + "\"");
        line("server_id: " + brief(h.server_id));
        if (!h.cluster_id.is_zero()) line("cluster_id: " + brief(h.cluster_id));
        if (!h.has_joined()) {
            std::string text = "remote_addresses:";
            for (const std::string& remote : h.remote_addresses) text += " " + remote;
            line(text);
        }
        if (h.prev_index) number("prev_index", h.prev_index);
        if (h.prev_term) number("prev_term", h.prev_term);
        if (!h.prev_servers.empty()) servers("prev_servers", h.prev_servers);
        if (!h.prev_eid.is_zero()) line("prev_eid: " + brief(h.prev_eid));
        return data("prev_", h.prev_data);
    }

    Result<> one(const store::RaftRecord& record) {
        if (!record.comment.empty()) line("comment: \"" + record.comment + "\"");
        std::visit([this](const auto& what) { show(what); }, record.what);
        const auto* entry = std::get_if<store::RaftEntry>(&record.what);
        return data("", entry && entry->data ? *entry->data : Json());
    }

    static std::string brief(const Uuid& id) { return id.to_string().substr(0, 4); }
    void line(const std::string& text) { out_.text(" " + text + "\n"); }
    void number(const char* name, uint64_t value) { line(std::string(name) + ": " + std::to_string(value)); }

    void servers(const std::string& name, const store::RaftServers& servers) {
        std::string text;
        for (const auto& [id, address] : servers)
            text += (text.empty() ? " " : ", ") + brief(id) + "(\"" + address + "\")";
        line(name + ":" + text);
    }
    /// The record's end, with what its data says.
    Result<> data(const std::string& prefix, const Json& data) {
        const auto* parts = data.array();
        if (!data.is_null() && (!parts || parts->size() != 2)) line("***invalid data***");
        if (!parts || parts->size() != 2) {
            out_.text("\n");
            return {};
        }
        if (!(*parts)[0].is_null()) {
            const auto schema = ovsdb::parse_schema((*parts)[0]);
            if (!schema) return std::unexpected(schema.error().to_error());
            line(prefix + "schema: \"" + (*schema)->name + "\", " + version_of(**schema));
            out_.set_schema(*schema);
        }
        if ((*parts)[1].is_null()) {
            out_.text("\n");
        } else {
            out_.transaction((*parts)[1]);
            out_.end_record();
        }
        return {};
    }

    void show(const store::RaftEntry& e) {
        number("term", e.term);
        number("index", e.index);
        if (e.servers) servers("servers", *e.servers);
        if (e.data) line("eid: " + brief(e.eid));
    }
    void show(const store::RaftTerm& t) { number("term", t.term); }
    void show(const store::RaftVote& v) {
        number("term", v.term);
        line("vote: " + brief(v.server));
    }
    void show(const store::RaftLeader& l) {
        number("term", l.term);
        line("leader: " + brief(l.server));
    }
    void show(const store::RaftCommit& c) { number("commit_index", c.index); }
    void show(const store::RaftNote& n) { line("note: \"" + n.text + "\""); }

    LogPrinter& out_;
};

/// What is no record of the format is told in its place; what cannot be read at all ends it.
Result<> show_raft(const std::string& contents, const std::string& path, LogPrinter& out) {
    store::LogReader reader(contents, path);
    RaftPrinter printer(out);
    std::optional<Json> json = TRY(reader.first());
    for (size_t n = 0; json; ++n) {
        out.text("record " + std::to_string(n) + ":\n");
        TRY(n == 0 ? printer.show(store::parse_raft_header(*json))
                   : printer.show(store::parse_raft_record(*json)));
        json = TRY(reader.next());
    }
    return {};
}

}  // namespace

Result<Done> show_log(Context& c, Args args) {
    const std::string path = args.empty() ? c.default_database : args[0];
    const std::string contents = TRY(contents_of(c, path));
    LogPrinter printer(c.more);
    const auto shown = TRY(store::is_raft_file(contents, path)) ? show_raft(contents, path, printer)
                                                                : show_standalone(contents, path, printer);
    if (shown) return Done{printer.take()};
    std::fprintf(stderr, "ovsdb-tool: %s\n", shown.error().message.c_str());
    return Done{printer.take(), 1};
}

}  // namespace weft::apps::ovsdb_tool
