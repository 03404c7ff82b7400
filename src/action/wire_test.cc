// SPDX-License-Identifier: Apache-2.0
#include "action/wire.h"

#include <gtest/gtest.h>

#include "action/oracle_cases.h"
#include "action/text.h"

namespace weft::action {
namespace {

Bytes bytes_of(std::string_view hex) { return *parse_hex(hex); }

Bytes encoded(const Actions& actions, Version version) {
    ByteWriter out;
    encode_instructions(actions, version, out);
    return out.take();
}

OfResult<Actions> decode_10(std::string_view hex) { return decode_actions(bytes_of(hex), Version::v10); }
OfResult<Actions> decode_13(std::string_view hex) { return decode_actions(bytes_of(hex), Version::v13); }
OfResult<Actions> decode_15(std::string_view hex) { return decode_actions(bytes_of(hex), Version::v15); }

TEST(ActionWire, the_oracles_bytes_print_as_the_oracle_prints_them) {
    for (const OracleCase& c : oracle_cases) {
        const auto actions = decode_instructions(bytes_of(c.wire), c.version);
        ASSERT_TRUE(actions) << c.printed << " error " << static_cast<int>(actions.error());
        EXPECT_EQ(to_text(*actions), c.printed) << c.wire;
    }
}

TEST(ActionWire, the_oracles_bytes_are_written_again_unchanged) {
    for (const OracleCase& c : oracle_cases) {
        const auto actions = decode_instructions(bytes_of(c.wire), c.version);
        ASSERT_TRUE(actions) << c.printed;
        EXPECT_EQ(format_hex(encoded(*actions, c.version)), c.wire) << c.printed;
    }
}

TEST(ActionWire, text_becomes_the_bytes_that_the_oracle_sends) {
    for (const OracleCase& c : oracle_cases) {
        if (c.input.empty()) continue;
        const auto actions = parse_actions(c.input);
        ASSERT_TRUE(actions) << c.input << ": " << actions.error().message;
        EXPECT_EQ(format_hex(encoded(*actions, c.version)), c.wire) << c.input;
    }
}

struct Refusal {
    std::string_view hex;
    OfError error;
};

TEST(ActionWire, a_meter_stands_first_as_an_instruction_until_15_and_then_as_an_action) {
    const auto list = *parse_actions("meter:5,output:1");
    EXPECT_EQ(format_hex(encoded(list, Version::v13)),
              "0006000800000005"
              "00040018000000000000001000000001"
              "0000000000000000");
    EXPECT_EQ(format_hex(encoded(list, Version::v15)),
              "0004002000000000"
              "001d000800000005"
              "00000010000000010000000000000000");
    for (const Version v : {Version::v13, Version::v14, Version::v15})
        EXPECT_EQ(*decode_instructions(encoded(list, v), v), list);
    EXPECT_EQ(format_hex(encoded(list, Version::v12)),
              "00040018000000000000001000000001"
              "0000000000000000")
        << "older versions have no meters";
    EXPECT_FALSE(parse_actions("output:1,meter:5"));
}

TEST(ActionWire, groups_have_a_form_in_every_version) {
    const auto list = *parse_actions("group:4294967040");
    EXPECT_EQ(format_hex(encoded(list, Version::v10)), "ffff00100000232000280000ffffff00");
    for (const Version v : {Version::v10, Version::v11, Version::v13, Version::v15})
        EXPECT_EQ(*decode_instructions(encoded(list, v), v), list);
}

TEST(ActionWire, bad_actions_get_the_error_that_names_what_is_wrong) {
    // Observed on the oracle (ovs-ofctl parse-actions OpenFlow10).
    const Refusal refusals[] = {
        {"00000008ffff0000", OfError::bac_bad_out_port},
        {"00000008fff70000", OfError::bac_bad_out_port},
        {"00000008ff000000", OfError::bac_bad_out_port},
        {"0000000800010000"
         "0000",
         OfError::brc_bad_len},
        {"0000000000010000", OfError::bac_bad_len},
        {"0077000800000000", OfError::bac_bad_type},
        {"ffff001000002399000e0003ff000000", OfError::bac_bad_vendor},
        {"ffff001000002320ffee0003ff000000", OfError::bac_bad_vendor_type},
        {"ffff000800002320", OfError::bac_bad_len},
        {"ffff0018000023200007001f000100040000000500000005", OfError::bac_bad_argument},
        {"ffff001800002320000700ff000100040000000000000005", OfError::bac_bad_set_len},
        {"ffff0018000023200007001f0001ee040000000000000005", OfError::bac_bad_set_type},
        {"ffff00180000232000060020000000010001000400010204", OfError::bac_bad_set_len},
        {"ffff001800002320001b0000000100040004000000000001", OfError::nxbrc_must_be_zero},
        {"ffff001000002320000e0003ff000001", OfError::bac_bad_argument},
        {"ffff001800002320000f000f00010004ffff000000000001", OfError::bac_bad_argument},
        {"ffff0010000023200022000100000001", OfError::nxbac_bad_conjunction},
        {"ffff0010000023200022004100000001", OfError::nxbac_bad_conjunction},
        {"ffff0010000023200022020200000001", OfError::nxbac_bad_conjunction},
        {"ffff0010000023200022000200000001"
         "0000000800010000",
         OfError::nxbac_bad_conjunction},
        {"0001000810050000", OfError::bac_bad_argument},
        {"0002000808000000", OfError::bac_bad_argument},
        {"0008000813000000", OfError::bac_bad_argument},
        {"000b0010fffa00000000000000000002", OfError::bac_bad_out_port},
        {"ffff00180000232000150005000000000001000200030000", OfError::bac_bad_len},
        {"ffff0010000023200017890000000000", OfError::bac_bad_argument},
        {"ffff00180000232000250000000000000009000503000000", OfError::bpc_bad_type},
        {"ffff00180000232000250000000000010002000503000000", OfError::nxbrc_must_be_zero},
    };
    for (const Refusal& r : refusals) {
        const auto actions = decode_10(r.hex);
        ASSERT_FALSE(actions) << r.hex;
        EXPECT_EQ(actions.error(), r.error) << r.hex;
    }
}

TEST(ActionWire, bad_extensions_get_the_error_that_names_what_is_wrong) {
    const Refusal refusals[] = {
        // multipath: fields, algorithm, more links than the destination can hold, no field, no such bits
        {"ffff002000002320000a0007000000000000000f000000000000000300010004", OfError::bac_bad_argument},
        {"ffff002000002320000a0000000000000004000f000000000000000300010004", OfError::bac_bad_argument},
        {"ffff002000002320000a00000000000000000010000000000000000300010004", OfError::bac_bad_argument},
        {"ffff002000002320000a0000000000000000000f000000000000000300010005", OfError::bac_bad_set_type},
        {"ffff002000002320000a0000000000000000000f000000000000002000010004", OfError::bac_bad_set_len},
        // bundle: algorithm, fields, kind of member, too many members, a destination where none belongs
        {"ffff002800002320000c000200000000000000020002000000000000000000000004000800000000",
         OfError::bac_bad_argument},
        {"ffff002800002320000c000100080000000000020002000000000000000000000004000800000000",
         OfError::bac_bad_argument},
        {"ffff002800002320000c000100000000000000040002000000000000000000000004000800000000",
         OfError::bac_bad_argument},
        {"ffff002800002320000c000100000000000000020006000000000000000000000004000800000000",
         OfError::bac_bad_len},
        {"ffff002800002320000c000100000000000000020002000000010004000000000004000800000000",
         OfError::bac_bad_argument},
        // bundle_load: 15 bits hold no port
        {"ffff002800002320000d000100000000000000020002000e00010004000000000004000800000000",
         OfError::bac_bad_argument},
        {"ffff001800002320001d0000000000000000000000000000", OfError::bac_bad_argument},  // samples nothing
        {"ffff002000002320002900010000000100000000000000000001030000000000", OfError::bac_bad_argument},
        {"ffff001800002320003105dc000100010004000000000001", OfError::nxbrc_must_be_zero},
        {"ffff001800002320003105dc002000010004000000000000", OfError::bac_bad_set_len},
        {"ffff00180000232000320000000400000000000000000000", OfError::bmc_bad_field},
        // What belongs into ct, and what does not
        {"ffff0018000023200007001f0001d6040000000000000001", OfError::bac_bad_set_argument},
        {"ffff0010000023200024000000000000", OfError::bac_bad_set_argument},
        {"ffff00200000232000230001000000000000ff00000000000000000800010000", OfError::bac_bad_argument},
        {"ffff00180000232000230002000000000000ff0000000000", OfError::bac_bad_argument},
        {"ffff0018000023200023000000010004001fff0000000000", OfError::bac_bad_set_len},
        {"ffff00300000232000230001000000000000ff0000000000ffff0018000023200007001f000100040000000000000001",
         OfError::bac_bad_argument},
        {"ffff00300000232000230000000000000000ff0000000000ffff0018000023200007001f0001d6040000000000000001",
         OfError::bac_bad_argument},
        // nat: both ends, both ways, ports of no address, the end of no range
        {"ffff00280000232000230001000000000000ff0000000000ffff0010000023200024000000030000",
         OfError::bac_bad_argument},
        {"ffff00280000232000230001000000000000ff0000000000ffff0010000023200024000000190000",
         OfError::bac_bad_argument},
        {"ffff00300000232000230001000000000000ff0000000000ffff00180000232000240000000100300005000600000000",
         OfError::bac_bad_argument},
        {"ffff00300000232000230001000000000000ff0000000000ffff00180000232000240000000100020a00000100000000",
         OfError::bac_bad_argument},
    };
    for (const Refusal& r : refusals) {
        const auto actions = decode_10(r.hex);
        ASSERT_FALSE(actions) << r.hex;
        EXPECT_EQ(actions.error(), r.error) << r.hex;
    }
}

TEST(ActionWire, set_field_is_refused_as_the_oracle_refuses_it) {
    const Refusal refusals[] = {
        {"00190010000101080000000500000007", OfError::bac_bad_set_mask},      // masks came with 1.5
        {"00190010000101080000000f00000007", OfError::bmc_bad_wildcards},     // value outside the mask
        {"0019001080000a020800000000000000", OfError::bac_bad_set_argument},  // eth_type
        {"0019001080000c020004000000000000", OfError::bac_bad_set_argument},  // no tag
        {"0019001080000e010800000000000000", OfError::bac_bad_set_argument},  // PCP 8
        {"00190010800000040000000100000000", OfError::bac_bad_set_argument},  // the ingress port
        {"00190010800006040200000000000000", OfError::bac_bad_set_len},       // a short Ethernet address
        {"00190010800006000000000000000000", OfError::bac_bad_set_type},      // and none
    };
    for (const Refusal& r : refusals) {
        const auto actions = decode_13(r.hex);
        ASSERT_FALSE(actions) << r.hex;
        EXPECT_EQ(actions.error(), r.error) << r.hex;
    }
    EXPECT_EQ(to_text(*decode_15("001900100001010800000005000000ff")), "set_field:0x5/0xff->reg0");
}

TEST(ActionWire, what_does_not_exist_in_a_version_is_refused_by_name) {
    EXPECT_EQ(decode_13("00160008ffffff01").error(), OfError::bac_bad_out_group);
    EXPECT_EQ(decode_15("001d000800000000").error(), OfError::mmfc_invalid_meter);
    EXPECT_EQ(decode_10("ffff001000002320002f000000000000").error(), OfError::bac_bad_vendor_type)
        << "decap came with 1.3";
}

TEST(ActionWire, instructions_may_come_in_any_order_but_not_twice) {
    const auto mixed = decode_instructions(bytes_of("0001000807000000"                    // goto_table
                                                    "0005000800000000"                    // clear_actions
                                                    "00040010000000000012000800000000"),  // apply
                                           Version::v13);
    ASSERT_TRUE(mixed);
    EXPECT_EQ(to_text(*mixed), "pop_vlan,clear_actions,goto_table:7");
    const auto twice = decode_instructions(bytes_of("00010008070000000001000808000000"), Version::v13);
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error(), OfError::bic_dup_inst);
}

TEST(ActionWire, an_action_set_takes_only_what_can_run_at_the_end) {
    const auto learn =
        "000300400000000"
        "0ffff003800002320001000000000800000000000000000000000010000000000003000"
        "000406000000000206000010100000000200000000";
    EXPECT_EQ(decode_instructions(bytes_of(learn), Version::v13).error(), OfError::bac_bad_type);
    for (const char* text :
         {"multipath(eth_src,0,modulo_n,16,0,reg0)", "bundle(eth_src,0,hrw,ofport,members:4)",
          "sample(probability=1)", "check_pkt_larger(1500)->reg0[0]"}) {
        const Actions set{WriteActions{*parse_actions(text)}};
        EXPECT_EQ(decode_instructions(encoded(set, Version::v13), Version::v13).error(),
                  OfError::bac_bad_type)
            << text;
    }
    const Actions connections{WriteActions{*parse_actions("ct_clear,ct(commit)")}};
    EXPECT_EQ(*decode_instructions(encoded(connections, Version::v13), Version::v13), connections);
}

TEST(ActionWire, the_older_learn_has_no_result_to_write) {
    const std::string head = "ffff00200000232000100000000000000000000000000000", tail = "000000000000";
    EXPECT_TRUE(decode_actions(bytes_of(head + "0003" + tail), Version::v10));
    EXPECT_EQ(decode_actions(bytes_of(head + "0004" + tail), Version::v10).error(),
              OfError::bac_bad_argument);
}

TEST(ActionWire, lists_in_lists_end_somewhere) {
    Actions nested{Output{OfPort{1}}};
    for (int i = 0; i < 100; ++i) {
        Actions outer;
        outer.emplace_back(Clone{std::move(nested)});
        nested = std::move(outer);
    }
    EXPECT_EQ(decode_actions(encoded(nested, Version::v10), Version::v10).error(), OfError::bac_too_many);
}

TEST(ActionWire, every_port_number_of_11_is_checked) {
    EXPECT_EQ(*port_from_32(5), OfPort{5});
    EXPECT_EQ(*port_from_32(0xfffffffe), ofpp::local);
    EXPECT_FALSE(port_from_32(0xff00));
    EXPECT_FALSE(port_from_32(0xfffeffff));
}

}  // namespace
}  // namespace weft::action
