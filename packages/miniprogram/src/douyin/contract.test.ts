import { payContract } from "../contract/pay-contract.fixture.js";
import { providerContract } from "../contract/provider-contract.fixture.js";
import { douyin } from "../contract/subjects.fixture.js";

providerContract(douyin);
payContract(douyin);
