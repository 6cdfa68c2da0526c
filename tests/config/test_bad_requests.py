"""What cannot be read is answered by the product's page, which says what was too much and a way out."""

import pytest
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.test import RequestFactory
from django.urls import reverse

from config.bad_requests import bad_request
from projects.roles import PROJECT_MANAGER
from tests.company import Company
from tests.company.people import signed_in

pytestmark = pytest.mark.django_db


def test_a_form_with_too_many_fields_learns_how_many_are_read(settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1200
    company = Company.bare()
    client = signed_in(company.admit(company.manager, PROJECT_MANAGER))
    client.raise_request_exception = False
    answer = client.post(reverse("backlog-ready"), {"row": [str(key) for key in range(1201)]})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "The form has more than 1,200 fields, which is the most that are read at once." in page
    assert "Nothing was changed." in page
    assert "choose “Select all that match”" in page
    assert 'href="/"' in page


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (TooManyFilesSent(), "More than 100 files were sent at once. Nothing was changed."),
        (RequestDataTooBig(), "What was typed is longer than this page reads. Nothing was changed."),
        (ValueError(), "The address or the form holds something this page does not know."),
    ],
)
def test_every_kind_of_it_has_words(failure, said):
    answer = bad_request(RequestFactory().get("/"), failure)
    assert answer.status_code == 400
    assert said in answer.content.decode()
