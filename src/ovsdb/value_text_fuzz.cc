// SPDX-License-Identifier: Apache-2.0
// Any text as a value of any type: an error, or a value that keeps the type's constraints and whose own text
// reads back as the same value. The first byte chooses the type.
#include <cstdint>

#include "ovsdb/value_text.h"

using namespace weft;
using namespace weft::ovsdb;

namespace {

class Symbols final : public RowSymbols {
  public:
    Uuid row_named(std::string_view name, const BaseType&) override {
        Uuid out;
        out.b[15] = static_cast<uint8_t>(name.size());
        return out;
    }
};

ColumnType type_of(uint8_t choice) {
    const auto atom_type = static_cast<AtomType>(choice % 5);
    ColumnType type{.key = {.type = atom_type}, .min = 0, .max = unlimited};
    switch (choice / 5 % 4) {
        case 0:
            return ColumnType::scalar_of(atom_type);
        case 1:
            break;
        case 2:
            type.value = BaseType{.type = AtomType::string, .max_length = 20};
            break;
        case 3:
            type.key.min_integer = -3, type.key.max_integer = 4095, type.max = 4096;
            break;
    }
    return type;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const ColumnType type = type_of(data[0]);
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    Symbols symbols;
    const auto value = parse_datum_text(text, type, &symbols);
    if (!value) {
        CHECK(!value.error().message.empty());
        return 0;
    }
    CHECK(type.check(*value));
    // Text that is no UTF-8 may come in bare, but has no JSON string to come back by.
    const auto again = parse_datum_text(value->to_text(type), type);
    if (again) CHECK(*again == *value);
    return 0;
}
