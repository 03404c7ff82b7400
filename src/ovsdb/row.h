// SPDX-License-Identifier: Apache-2.0
// One version of one row.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <utility>

#include "base/uuid.h"
#include "ovsdb/schema.h"

namespace weft::ovsdb {

class Row;

/// Value type: a shared, immutable row; 8 bytes. The count of copies is atomic, so rows may go to other
/// threads.
class RowPtr {
  public:
    RowPtr() = default;
    RowPtr(std::nullptr_t) {}
    RowPtr(const RowPtr& o) noexcept;
    RowPtr(RowPtr&& o) noexcept : row_(std::exchange(o.row_, nullptr)) {}
    RowPtr& operator=(RowPtr o) noexcept {
        std::swap(row_, o.row_);
        return *this;
    }
    ~RowPtr();

    const Row* get() const { return row_; }
    const Row& operator*() const { return *row_; }
    const Row* operator->() const { return row_; }
    explicit operator bool() const { return row_ != nullptr; }
    /// Same version in memory.
    bool operator==(const RowPtr&) const = default;
    /// Takes over one reference, or gives it away: for containers that store the bare pointer.
    static RowPtr adopt(const Row* row) { return RowPtr(row); }
    /// One more owner of a row that others own already.
    static RowPtr share(const Row* row) noexcept;
    const Row* release() { return std::exchange(row_, nullptr); }

  private:
    friend class Row;
    explicit RowPtr(const Row* row) : row_(row) {}
    const Row* row_ = nullptr;
};

/// Resource type, in memory followed by its datums; made by make() or copied-and-changed by a RowEdit.
/// Unchanged columns of two versions share their datums (Datum::same()).
class Row {
  public:
    Row(const Row&) = delete;
    Row& operator=(const Row&) = delete;

    /// All columns at their default.
    static RowPtr make(const TableSchema& table, const Uuid& uuid);

    const Uuid& uuid() const { return uuid_; }
    const Uuid& version() const { return version_; }
    /// By column number, _uuid and _version included.
    Datum get(ColumnIndex column) const;
    /// A column that is not _uuid or _version.
    const Datum& operator[](ColumnIndex column) const { return datums()[column - first_user_column]; }
    std::span<const Datum> datums() const { return {storage(), count_}; }

  private:
    friend class RowPtr;
    friend class RowEdit;
    Row(const Uuid& uuid, const Uuid& version, uint32_t count)
        : uuid_(uuid), version_(version), count_(count) {}
    ~Row() = default;
    static Row* allocate(const Uuid& uuid, const Uuid& version, uint32_t count);
    static void destroy(const Row* row);
    Datum* storage() { return reinterpret_cast<Datum*>(this + 1); }
    const Datum* storage() const { return reinterpret_cast<const Datum*>(this + 1); }

    Uuid uuid_, version_;
    mutable std::atomic<uint32_t> copies_{1};
    uint32_t count_;
};

inline RowPtr RowPtr::share(const Row* row) noexcept {
    if (row) row->copies_.fetch_add(1, std::memory_order_relaxed);
    return RowPtr(row);
}
inline RowPtr::RowPtr(const RowPtr& o) noexcept : RowPtr(share(o.row_)) {}
inline RowPtr::~RowPtr() {
    if (row_ && row_->copies_.fetch_sub(1, std::memory_order_acq_rel) == 1) Row::destroy(row_);
}

/// A row in the making: copy of a version (or of the defaults) whose columns may be set. Move only.
class RowEdit {
  public:
    /// Changes the row in place if nobody else owns it.
    explicit RowEdit(RowPtr from);
    RowEdit(const TableSchema& table, const Uuid& uuid);
    RowEdit(RowEdit&&) noexcept = default;
    RowEdit& operator=(RowEdit&&) noexcept = default;

    const Row& row() const { return *row_; }
    void set(ColumnIndex column, Datum value);
    void set_uuid(const Uuid& uuid);
    void set_version(const Uuid& version);
    /// The finished version; the edit is of no more use.
    RowPtr take() && { return RowPtr::adopt(row_.release()); }

  private:
    struct Destroy {
        void operator()(Row* row) const { Row::destroy(row); }
    };
    std::unique_ptr<Row, Destroy> row_;
};

/// Equal in all columns but _version.
bool same_data(const Row& a, const Row& b);

}  // namespace weft::ovsdb
