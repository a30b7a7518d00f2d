"""What platforms, authorities and regulators do with products, and how an offer begins, stops and goes on."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.product_answers import product_answer, version_answer
from api.routers.products import ONE, ProductCode, VersionNumber
from api.schemas.products import (
    FileProduct,
    IssueLetter,
    NothingToSay,
    ProductAnswer,
    ResumeOffer,
    ReviewProduct,
    StopOffer,
    VersionAnswer,
)
from api.strict_requests import STRICT_QUERY
from api.writes import Answer, write, write_extra
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.price import Ceiling
from ledger.domain.product_value import BaseFee
from ledger.domain.records import from_json
from ledger.services import product_freeze, product_listing, product_reviews, product_withdrawal
from ledger.services.business import StoredObject, UnitOfWork
from ledger.services.product_listing import Reason
from ledger.services.product_reviews import Finding, Letter

router = APIRouter(tags=["products"], dependencies=[STRICT_QUERY])

VERSION: dict[int | str, dict[str, Any]] = {200: {"model": VersionAnswer}}
PRODUCT: dict[int | str, dict[str, Any]] = {200: {"model": ProductAnswer}}

Review = Callable[[UnitOfWork, str, int, tuple[Finding, ...]], StoredObject]
Stop = Callable[[UnitOfWork, str, int, Reason], StoredObject]


@router.post(
    f"{ONE}/first-review", summary="Pass the first review", responses=VERSION, openapi_extra=write_extra(ReviewProduct)
)
async def post_first_review(request: Request, product_code: ProductCode, version: VersionNumber) -> Response:
    """The trading platform's: compliance, quality and risk, each with reasons."""
    return await _review(request, product_code, version, product_reviews.pass_first_review)


@router.post(
    f"{ONE}/final-review", summary="Pass the final review", responses=VERSION, openapi_extra=write_extra(ReviewProduct)
)
async def post_final_review(request: Request, product_code: ProductCode, version: VersionNumber) -> Response:
    """The authorisation platform's with public data, else another account of the trading platform; then the platforms sign."""
    return await _review(request, product_code, version, product_reviews.pass_final_review)


@router.post(
    f"{ONE}/rejection",
    summary="Reject a version in review",
    responses=VERSION,
    openapi_extra=write_extra(ReviewProduct),
)
async def post_rejection(request: Request, product_code: ProductCode, version: VersionNumber) -> Response:
    """Ends it, with reasons; the next version may mend what was found."""
    return await _review(request, product_code, version, product_reviews.reject_product)


@router.post(
    f"{ONE}/letter", summary="Issue the compliance letter", responses=VERSION, openapi_extra=write_extra(IssueLetter)
)
async def post_letter(request: Request, product_code: ProductCode, version: VersionNumber) -> Response:
    """With public data it is joint: both platforms issue the same one."""

    def use_case(uow: SqlUnitOfWork, command: IssueLetter) -> Answer:
        letter = Letter(**command.model_dump())
        return version_answer(product_reviews.issue_letter(uow, product_code, version, letter))

    return await write(request, IssueLetter, use_case)


@router.post(f"{ONE}/filing", summary="File a version", responses=VERSION, openapi_extra=write_extra(FileProduct))
async def post_filing(request: Request, product_code: ProductCode, version: VersionNumber) -> Response:
    """Filing number and ceiling of a product with public data, by the authority that the provider named; with the base fee it set."""

    def use_case(uow: SqlUnitOfWork, command: FileProduct) -> Answer:
        ceiling = Ceiling(**command.ceiling.model_dump())
        fee = None if command.base_fee is None else from_json(BaseFee, command.base_fee.model_dump())
        number = command.number
        return version_answer(product_reviews.file_product(uow, product_code, version, number, ceiling, base_fee=fee))

    return await write(request, FileProduct, use_case)


@router.post(f"{ONE}/listing", summary="List a version", responses=VERSION, openapi_extra=write_extra(NothingToSay))
async def post_listing(request: Request, product_code: ProductCode, version: VersionNumber) -> Response:
    """The provider offers it; when the chain agrees it is in the catalog."""

    def use_case(uow: SqlUnitOfWork, _command: NothingToSay) -> Answer:
        return version_answer(product_listing.list_product(uow, product_code, version))

    return await write(request, NothingToSay, use_case)


@router.post(f"{ONE}/suspension", summary="Suspend an offer", responses=VERSION, openapi_extra=write_extra(StopOffer))
async def post_suspension(request: Request, product_code: ProductCode, version: VersionNumber) -> Response:
    """By the provider or a platform that reviewed it, for a stated trigger; takes effect at once."""
    return await _stop(request, product_code, version, product_listing.suspend_product)


@router.post(f"{ONE}/resumption", summary="Resume an offer", responses=VERSION, openapi_extra=write_extra(ResumeOffer))
async def post_resumption(request: Request, product_code: ProductCode, version: VersionNumber) -> Response:
    """By the body that suspended it."""

    def use_case(uow: SqlUnitOfWork, command: ResumeOffer) -> Answer:
        return version_answer(product_listing.resume_product(uow, product_code, version, command.text))

    return await write(request, ResumeOffer, use_case)


@router.post(f"{ONE}/delisting", summary="Delist a version", responses=VERSION, openapi_extra=write_extra(StopOffer))
async def post_delisting(request: Request, product_code: ProductCode, version: VersionNumber) -> Response:
    """For good, by the provider or a platform that reviewed it, for a stated trigger."""
    return await _stop(request, product_code, version, product_listing.delist_product)


@router.post(
    "/v1/products/{product_code}/freeze",
    summary="Freeze a product",
    responses=PRODUCT,
    openapi_extra=write_extra(StopOffer),
)
async def post_freeze(request: Request, product_code: ProductCode) -> Response:
    """A regulator takes all versions out of offer, at once."""

    def use_case(uow: SqlUnitOfWork, command: StopOffer) -> Answer:
        return product_answer(product_freeze.freeze_product(uow, product_code, Reason(command.trigger, command.text)))

    return await write(request, StopOffer, use_case)


@router.post(
    "/v1/products/{product_code}/thaw",
    summary="End a freeze",
    responses=PRODUCT,
    openapi_extra=write_extra(ResumeOffer),
)
async def post_thaw(request: Request, product_code: ProductCode) -> Response:
    """The offers are back when the chain agrees."""

    def use_case(uow: SqlUnitOfWork, command: ResumeOffer) -> Answer:
        return product_answer(product_freeze.thaw_product(uow, product_code, command.text))

    return await write(request, ResumeOffer, use_case)


@router.post(
    f"{ONE}/step-withdrawal",
    summary="Take back a step that waits for signatures",
    responses=VERSION,
    openapi_extra=write_extra(NothingToSay),
)
async def post_step_withdrawal(request: Request, product_code: ProductCode, version: VersionNumber) -> Response:
    """By the body that asked for it; when its time to be signed is over, by any party. An offer that must stop stays withheld."""

    def use_case(uow: SqlUnitOfWork, _command: NothingToSay) -> Answer:
        return version_answer(product_withdrawal.withdraw_step(uow, product_code, version))

    return await write(request, NothingToSay, use_case)


@router.post(
    "/v1/products/{product_code}/step-withdrawal",
    summary="Take back a freeze or thaw that waits for signatures",
    responses=PRODUCT,
    openapi_extra=write_extra(NothingToSay),
)
async def post_freeze_step_withdrawal(request: Request, product_code: ProductCode) -> Response:
    """By a regulator."""

    def use_case(uow: SqlUnitOfWork, _command: NothingToSay) -> Answer:
        return product_answer(product_freeze.withdraw_freeze_step(uow, product_code))

    return await write(request, NothingToSay, use_case)


async def _review(request: Request, product_code: str, version: int, step: Review) -> Response:
    def use_case(uow: SqlUnitOfWork, command: ReviewProduct) -> Answer:
        findings = tuple(Finding(**finding.model_dump()) for finding in command.findings)
        return version_answer(step(uow, product_code, version, findings))

    return await write(request, ReviewProduct, use_case)


async def _stop(request: Request, product_code: str, version: int, step: Stop) -> Response:
    def use_case(uow: SqlUnitOfWork, command: StopOffer) -> Answer:
        return version_answer(step(uow, product_code, version, Reason(command.trigger, command.text)))

    return await write(request, StopOffer, use_case)
