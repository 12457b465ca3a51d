#include "node/command_line.hpp"

int main(int argc, char** argv) { return hearsay::run_command_line(argc, argv); }
