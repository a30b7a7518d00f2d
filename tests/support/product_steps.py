"""The steps of a product's life in a fake world, each by the body whose step it is."""

from typing import Any

from support.fake_unit_of_work import World
from support.product_world import CODES, DIGEST, acting, content, findings, public_content, settle

from ledger.domain.price import Ceiling
from ledger.services import product_listing, product_reviews, products, stopped_offers
from ledger.services.business import StoredObject
from ledger.services.product_listing import Reason

SALT = b"\x05" * 32
FULL = products.Reviewers(CODES["trading"], CODES["authorisation"], CODES["price"])
SIMPLE = products.Reviewers(CODES["trading"])
LETTER = product_reviews.Letter("合规函2026-1", DIGEST, "2026-10-20")
CEILING = Ceiling(80_000_000, "价格主管部门 2026-12")
DEFECT = Reason("quality_defect", "字段缺失")
OWN = Reason("provider_request", "系统升级")


class Life:
    """One product; every method is a step, and says what its object is afterwards."""

    def __init__(self, world: World, *, public: bool = False, number: int = 1, **members: Any) -> None:
        self.world = world
        self.public = public
        self.version = 1
        stated = public_content(**members) if public else content(**members)
        with acting(world, "provider") as uow:
            drafted = products.draft_product(uow, products.DraftProduct(stated, "3101", number, SALT))
        self.code = drafted.object_id.partition("/")[0]

    @property
    def stored(self) -> StoredObject:
        return self.world.objects["product_version", f"{self.code}/{self.version}"]

    @property
    def product(self) -> StoredObject:
        return self.world.objects["product", self.code]

    @property
    def state(self) -> str:
        return self.stored.state

    def do(self, name: str, use_case: Any, *arguments: Any, account: str = "1") -> StoredObject:
        """A step by somebody who has read the newest revision."""
        with acting(self.world, name, account=account, revision=self.stored.revision) as uow:
            done: StoredObject = use_case(uow, self.code, self.version, *arguments)
        return done

    def register(self) -> None:
        self.do("provider", products.register_product, FULL if self.public else SIMPLE)
        settle(self.world)

    def first_review(self) -> None:
        self.do("trading", product_reviews.pass_first_review, findings())

    def final_review(self) -> None:
        self.do(
            "authorisation" if self.public else "trading",
            product_reviews.pass_final_review,
            findings(),
            account="2",
        )
        settle(self.world)

    def letter(self) -> None:
        self.do("trading", product_reviews.issue_letter, LETTER)
        if self.public:
            self.do("authorisation", product_reviews.issue_letter, LETTER)

    def file(self) -> None:
        self.do("price", product_reviews.file_product, "备2026-000001", CEILING)
        settle(self.world)

    def list(self) -> None:
        self.do("provider", product_listing.list_product)
        settle(self.world)

    def stop(self) -> StoredObject | None:
        """What the anchor service does with an offer of a body that may offer nothing any more."""
        with self.world.begin() as uow:
            return stopped_offers.stop_offer_of(uow, CODES["provider"], self.code, self.version)

    def until(self, state: str) -> "Life":
        """Goes on until the version is in this state."""
        order = ["register", "first_review", "final_review", "letter", *(["file"] if self.public else []), "list"]
        for step in order:
            if self.state == state and (state != "reviewed" or step != "letter"):
                return self
            getattr(self, step)()
        assert self.state == state
        return self
