// SPDX-License-Identifier: Apache-2.0
// For tests: a database file, and a record of what was written to it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/file_storage.h"

namespace weft::store {

/// What was written, and found again.
struct Past {
    std::vector<ovsdb::Snapshot> versions = {};
    std::map<std::string, size_t> made_by = {};  ///< version, by the transaction's comment
    std::vector<ovsdb::Snapshot> doubtful = {};  ///< what could not be written, but may be there
    size_t durable = 0;                          ///< the last version that somebody was told is
};

class RecordedStorage : public ovsdb::Storage {
  public:
    RecordedStorage(std::unique_ptr<FileStorage> file, Past& past) : file(std::move(file)), past_(past) {}

    Result<> append(const ovsdb::Changes& changes) override {
        ovsdb::Snapshot next = past_.versions.back();
        changes.apply_to(next);
        const uint64_t size = file->size();
        auto done = file->append(changes);
        if (done) {
            past_.versions.push_back(std::move(next));
            past_.made_by[changes.comment] = past_.versions.size() - 1;
            if (file->size() != size) past_.doubtful.clear();
        } else {
            past_.doubtful.push_back(std::move(next));
        }
        return done;
    }
    void sync(uint64_t ticket) override { early ? early(ticket) : file->sync(ticket); }
    std::unique_ptr<ovsdb::Replacement> replacement() override { return file->replacement(); }

    std::unique_ptr<FileStorage> file;
    std::function<void(uint64_t ticket)> early;

  private:
    Past& past_;
};

}  // namespace weft::store
