// SPDX-License-Identifier: Apache-2.0
#include "cli/dbctl/engine.h"

#include <algorithm>
#include <cstdio>

#include "cli/ovsdb_rpc.h"

namespace weft::cli::dbctl {

using ovsdb::client::Outcome;

namespace {

/// --oneline: new-lines and backslashes are escaped.
std::string on_one_line(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    std::string out;
    for (const char c : text) out += c == '\n' ? "\\n" : c == '\\' ? "\\\\" : std::string(1, c);
    return out + "\n";
}

size_t count_servers(const std::string& servers) {
    return 1 + static_cast<size_t>(std::ranges::count(servers, ','));
}

}  // namespace

Engine::Engine(Daemon& daemon, const Program& program, Custom& custom, RunOptions options,
               std::vector<Invocation> calls, Needs& needs)
    : daemon_(daemon),
      program_(program),
      custom_(custom),
      options_(std::move(options)),
      calls_(std::move(calls)),
      needs_(needs),
      servers_(count_servers(options_.server)) {}

Result<int> Engine::run() {
    custom_.need(needs_);
    auto client = net::OvsdbClient::open(daemon_.loop(), daemon_.transport(),
                                         {.remotes = options_.server,
                                          .interest = {.database = needs_.schema().name,
                                                       .tables = needs_.interest(),
                                                       .leader_only = options_.leader_only},
                                          .log = daemon_.log("ovsdb_idl")});
    if (!client)
        return fail(options_.server + ": database connection failed (" + reason_of(client.error()) + ")");
    client_ = std::move(*client);
    client_->on_change([this] { step(); });
    client_->on_lost([this](const Error& error) { lost(error); });
    daemon_.loop().run();
    client_.reset();
    return result_;
}

void Engine::end(Result<int> result) {
    result_ = std::move(result);
    state_ = State::ended;
    daemon_.loop().stop();
}

void Engine::lost(const Error& error) {
    const bool listens = options_.server.starts_with('p');
    if (options_.retry || listens || state_ == State::ended || ++attempts_failed_ < servers_) return;
    end(fail(options_.server + ": database connection failed (" + reason_of(error) + ")"));
}

void Engine::step() {
    if (!client_->is_synchronized()) return;
    if (state_ == State::deciding) attempt();
    if (state_ == State::following) follow();
}

bool Engine::database_moved() const {
    return client_->is_synchronized() && !client_->view().changes_since(db_->base()).empty();
}

void Engine::warn(const std::vector<std::pair<std::string_view, std::string>>& warnings) {
    if (std::exchange(warned_, true)) return;  // of what is tried again
    for (const auto& [module, text] : warnings) LOG(daemon_.log(module), warn, "{}", text);
}

Result<> Engine::run_commands(bool& must_wait, std::optional<int>& exit_code) {
    Symbols symbols(*db_);
    std::vector<std::pair<std::string_view, std::string>> warnings;
    outputs_.assign(calls_.size(), {});
    for (size_t i = 0; i < calls_.size() && !must_wait; ++i) {
        Context context{.call = calls_[i],
                        .records = program_.records,
                        .show = program_.show,
                        .style = options_.style,
                        .colours = options_.colours,
                        .db = *db_,
                        .symbols = symbols,
                        .out = outputs_[i],
                        .warnings = warnings,
                        .must_wait = must_wait,
                        .exit_code = exit_code};
        auto done = calls_[i].command->run(context);
        if (!done) {
            warn(warnings);
            return done;
        }
        if (exit_code) return {};
    }
    if (must_wait) return {};
    std::vector<std::string> doubts;
    TRY(symbols.check(doubts));
    for (auto& doubt : doubts) warnings.emplace_back(program_.log_module, std::move(doubt));
    warn(warnings);
    return {};
}

void Engine::attempt() {
    db_ = std::make_unique<Workspace>(client_->view(), daemon_.new_seed());
    custom_.begin(*db_);
    bool must_wait = false;
    std::optional<int> exit_code;
    if (auto done = run_commands(must_wait, exit_code); !done) return end(std::unexpected(done.error()));
    if (exit_code) return end(*exit_code);
    if (!must_wait) commit();
}

void Engine::commit() {
    auto txn = db_->transaction();
    if (!txn.empty()) custom_.before_commit(*db_, txn);
    txn.comment(options_.comment);
    state_ = State::committing;
    if (options_.dry_run) return committed({});
    client_->commit(std::move(txn), [this](const Outcome& outcome) { committed(outcome); });
}

void Engine::committed(const Outcome& outcome) {
    using Status = Outcome::Status;
    const bool refused = outcome.status == Status::error || outcome.status == Status::not_locked;
    if (outcome.status == Status::try_again || (refused && database_moved())) {
        state_ = State::deciding;
        if (database_moved()) attempt();
        return;
    }
    if (refused) {
        const auto text =
            outcome.error_json.is_null() ? outcome.error : codec::format_json(outcome.error_json);
        LOG(daemon_.log("ovsdb_idl"), warn, "transaction error: {}", text);
        return end(fail("transaction error: " + text));
    }
    outcome_ = outcome;
    print_outputs();
    if (outcome.status == Status::unchanged) return end(0);
    state_ = State::following;
    follow();
}

void Engine::follow() {
    if (!custom_.finished(client_->view(), outcome_)) return;
    const auto complaints = custom_.complaints(client_->view(), outcome_);
    for (const auto& line : complaints) std::fprintf(stderr, "%s: %s\n", program_.name.c_str(), line.c_str());
    end(complaints.empty() ? 0 : not_applied);
}

void Engine::print_outputs() {
    std::string out;
    bool printed_table = false;
    for (auto& output : outputs_) {
        if (output.created) {
            const auto it = outcome_.inserted.find(*output.created);
            output.line((it == outcome_.inserted.end() ? *output.created : it->second).to_string());
        }
        if (output.table) {
            if (std::exchange(printed_table, true)) out += Table::separator(options_.style);
            out += output.table->to_string(options_.style);
        } else {
            out += options_.oneline ? on_one_line(output.text) : output.text;
        }
    }
    std::fwrite(out.data(), 1, out.size(), stdout);
    std::fflush(stdout);
}

}  // namespace weft::cli::dbctl
