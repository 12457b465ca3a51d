#include "node/net/address_book.hpp"

#include <gtest/gtest.h>

namespace hearsay {
namespace {

TEST(AddressBook, BelievesAProcessAboutItselfAndOthersOnlyWhereNothingIsKnown) {
  AddressBook book(4, 0);
  EXPECT_TRUE(book.learn(1, 2, "tcp://a:1"));
  EXPECT_FALSE(book.learn(3, 2, "tcp://b:2"));
  EXPECT_TRUE(book.learn(2, 2, "tcp://c:3"));
  EXPECT_FALSE(book.learn(2, 2, "tcp://c:3"));  // No news.
  EXPECT_FALSE(book.learn(1, 0, "tcp://d:4"));  // Where it is, it knows itself.
  EXPECT_TRUE(book.learn(0, 0, "tcp://e:5"));
  EXPECT_EQ(book.text(), "0 tcp://e:5\n2 tcp://c:3\n");
}

TEST(AddressBook, ReadsWhatItWrites) {
  AddressBook book(3, 0);
  book.learn(0, 0, "tcp://10.0.0.1:5000");
  book.learn(2, 2, "ipc:///tmp/x.sock");
  const auto entries = read_addresses(book.text(), 3);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2U);
  EXPECT_EQ(entries->at(0), std::pair(0, std::string("tcp://10.0.0.1:5000")));
  EXPECT_EQ(entries->at(1), std::pair(2, std::string("ipc:///tmp/x.sock")));
  EXPECT_TRUE(read_addresses("", 3)->empty());
}

TEST(AddressBook, RefusesWhatIsNoList) {
  const std::string longest = "1 tcp://" + std::string(251, 'a') + "\n";
  for (const std::string& text :
       {std::string("1 tcp://a:1"), std::string("3 tcp://a:1\n"), std::string("-1 tcp://a:1\n"),
        std::string("tcp://a:1\n"), std::string("1 inproc://zeromq.zap.01\n"),
        std::string("1 tcp://a b\n"), std::string("1\n"), std::string("1 tcp://\x01\n"), longest}) {
    EXPECT_FALSE(read_addresses(text, 3)) << text;
  }
}

}  // namespace
}  // namespace hearsay
