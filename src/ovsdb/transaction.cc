// SPDX-License-Identifier: Apache-2.0
#include "ovsdb/transaction.h"

#include "codec/json_text.h"
#include "ovsdb/commit_check.h"
#include "ovsdb/operations.h"

namespace weft::ovsdb {
namespace {

/// Parses the operation's name, then runs it.
Operations::StopResult<> run(Operations& operations, const codec::Json& json, Members::Nth what,
                             std::string& results) {
    Members m(json, what);
    const codec::Json* op = m.required("op", Kind::id);
    if (op) return operations.run(*op->string(), json, m, results);
    return std::unexpected(Operations::Stop{m.finish().error(), {}});
}

void append_error(std::string& results, const OpError& error) {
    if (results.size() > 1) results += ',';
    codec::append_json(results, error.to_json());
}

}  // namespace

TransactResult transact(const Database& db, const codec::JsonArray& operations, size_t first,
                        const TransactOptions& options) {
    TransactResult out;
    constexpr size_t bytes_of_some = 128;
    out.results.reserve(bytes_of_some);
    out.results += '[';
    Operations run_time(db, options);
    const size_t count = operations.size() - first;
    for (size_t i = first; i < operations.size(); ++i) {
        const size_t before = out.results.size();
        if (i > first) out.results += ',';
        const auto done =
            run(run_time, operations[i], {"ovsdb operation", i - first + 1, count}, out.results);
        if (done) continue;
        if (!done.error().error) {
            out.status = TransactResult::Status::blocked;
            out.deadline = done.error().blocked_until;
            return out;
        }
        out.results.resize(before);
        append_error(out.results, *done.error().error);
        for (++i; i < operations.size(); ++i) out.results += ",null";
        out.results += ']';
        out.status = TransactResult::Status::failed;
        return out;
    }
    auto changes = check_and_complete(run_time.work(), options.prng);
    if (changes) {
        out.changes = std::move(*changes);
        out.changes.comment = run_time.comment();
        out.durable = run_time.durable();
    } else {
        out.status = TransactResult::Status::failed;
        append_error(out.results, changes.error());
    }
    out.results += ']';
    return out;
}

}  // namespace weft::ovsdb
